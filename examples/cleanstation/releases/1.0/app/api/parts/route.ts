import { prisma } from '@/lib/db';

export async function GET() {
  return Response.json(await prisma.part.findMany({ where: { status: 'ACTIVE' }, orderBy: { id: 'asc' } }));
}
