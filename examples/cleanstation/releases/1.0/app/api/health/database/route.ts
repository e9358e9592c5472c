import { prisma } from '@/lib/db';

export const dynamic = 'force-dynamic';

export async function GET() {
  const started = performance.now();
  try {
    const parts = await prisma.part.count();
    return Response.json({ database: 'healthy', parts, milliseconds: Math.round(performance.now() - started) });
  } catch {
    return Response.json({ database: 'unreachable' }, { status: 503 });
  }
}
