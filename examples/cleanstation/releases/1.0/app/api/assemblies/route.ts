import { prisma } from '@/lib/db';

export async function GET() {
  return Response.json(await prisma.assembly.findMany({ where: { canOrder: true }, orderBy: { id: 'asc' } }));
}
