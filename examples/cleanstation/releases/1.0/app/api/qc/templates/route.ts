import { prisma } from '@/lib/db';

export async function GET() {
  return Response.json(await prisma.qCFormTemplate.findMany({ where: { isActive: true }, include: { items: true } }));
}
