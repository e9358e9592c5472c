import { prisma } from '@/lib/db';
import { version } from '@/lib/version';

export const dynamic = 'force-dynamic';

export async function GET() {
  const facts = { timestamp: new Date().toISOString(), version, environment: process.env.NODE_ENV };
  try {
    await prisma.$queryRaw`SELECT 1`;
  } catch {
    return Response.json({ status: 'unhealthy', database: 'unreachable', ...facts }, { status: 503 });
  }
  return Response.json({ status: 'healthy', database: 'healthy', ...facts });
}
