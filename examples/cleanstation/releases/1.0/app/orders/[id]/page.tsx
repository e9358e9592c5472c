import { notFound } from 'next/navigation';
import { prisma } from '@/lib/db';

export default async function Order({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const order = await prisma.productionOrder.findUnique({ where: { id }, include: { bom: true, results: true } });
  if (!order) notFound();
  return (
    <>
      <h1>{order.poNumber}</h1>
      <p>{order.customerName}: {order.orderStatus}</p>
      <p>{order.results.length} quality checks</p>
    </>
  );
}
