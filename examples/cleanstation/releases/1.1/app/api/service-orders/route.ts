import { NextRequest } from 'next/server';
import { withAuditLogging } from '@/lib/audit';
import { prisma } from '@/lib/db';
import { send } from '@/lib/mail';
import { serviceMailbox } from '@/lib/service';

export async function GET() {
  return Response.json(await prisma.serviceOrder.findMany({ orderBy: { createdAt: 'desc' }, take: 50 }));
}

export const POST = withAuditLogging('ServiceOrder', async (request: NextRequest) => {
  const { partId, quantity, requestedBy } = await request.json();
  const order = await prisma.serviceOrder.create({ data: { partId, quantity, requestedBy } });
  await send(serviceMailbox(), `Service order ${order.id}`, `${requestedBy} asks for ${quantity} x ${partId}.`);
  return Response.json(order, { status: 201 });
});
