import { NextRequest } from 'next/server';
import { explode } from '@/lib/bom';
import { prisma } from '@/lib/db';

export async function POST(request: NextRequest) {
  const { orderId, assemblyId } = await request.json();
  const assemblies = await prisma.assembly.findMany();
  const lines = explode(assemblyId, assemblies);
  const bom = await prisma.billOfMaterials.create({ data: { lines, orders: { connect: { id: orderId } } } });
  return Response.json(bom, { status: 201 });
}
