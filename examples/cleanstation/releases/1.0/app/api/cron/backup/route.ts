import { put } from '@vercel/blob';
import { onlyVercelsCron } from '@/lib/cron';
import { prisma } from '@/lib/db';

/** What people have entered, as JSON beside the backups of the database: it can be read without a server. */
export const GET = onlyVercelsCron(async () => {
  const orders = await prisma.productionOrder.findMany({ include: { bom: true, results: true } });
  const name = `orders/${new Date().toISOString().slice(0, 10)}.json`;
  await put(name, JSON.stringify(orders), { access: 'public', addRandomSuffix: true, contentType: 'application/json' });
  return Response.json({ orders: orders.length });
});
