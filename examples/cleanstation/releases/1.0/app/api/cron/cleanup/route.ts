import { prisma } from '@/lib/db';
import { onlyVercelsCron } from '@/lib/cron';

const DAYS = Number(process.env.AUDIT_LOG_RETENTION_DAYS);

export const GET = onlyVercelsCron(async () => {
  const oldest = new Date(Date.now() - DAYS * 24 * 3600 * 1000);
  const { count } = await prisma.auditLog.deleteMany({ where: { timestamp: { lt: oldest } } });
  return Response.json({ deleted: count });
});
