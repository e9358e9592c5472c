import Link from 'next/link';

type Order = { id: string; poNumber: string; customerName: string; orderStatus: string };

export function OrderTable({ orders }: { orders: Order[] }) {
  return (
    <table>
      <thead>
        <tr><th>Order</th><th>Customer</th><th>Status</th></tr>
      </thead>
      <tbody>
        {orders.map((order) => (
          <tr key={order.id}>
            <td><Link href={`/orders/${order.id}`}>{order.poNumber}</Link></td>
            <td>{order.customerName}</td>
            <td>{order.orderStatus}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
