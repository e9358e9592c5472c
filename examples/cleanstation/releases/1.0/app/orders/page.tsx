import { OrderTable } from '@/components/OrderTable';
import { prisma } from '@/lib/db';

export const dynamic = 'force-dynamic';

export default async function Orders() {
  const orders = await prisma.productionOrder.findMany({ orderBy: { poNumber: 'asc' } });
  return <OrderTable orders={orders} />;
}
