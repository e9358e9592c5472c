import { NextRequest } from 'next/server';
import { withAuditLogging } from '@/lib/audit';
import { prisma } from '@/lib/db';

export async function GET(request: NextRequest) {
  const limit = Number(request.nextUrl.searchParams.get('limit') ?? 50);
  const orders = await prisma.productionOrder.findMany({ orderBy: { createdAt: 'desc' }, take: Math.min(limit, 200) });
  return Response.json(orders);
}

export const POST = withAuditLogging('ProductionOrder', async (request: NextRequest) => {
  const { poNumber, customerName } = await request.json();
  return Response.json(await prisma.productionOrder.create({ data: { poNumber, customerName } }), { status: 201 });
});
