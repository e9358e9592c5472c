import { OrderTable } from '@/components/OrderTable';
import { prisma } from '@/lib/db';

export const dynamic = 'force-dynamic';

export default async function Dashboard() {
  const orders = await prisma.productionOrder.findMany({ orderBy: { createdAt: 'desc' }, take: 20 });
  return (
    <>
      <h1>Orders under way</h1>
      <OrderTable orders={orders} />
    </>
  );
}
