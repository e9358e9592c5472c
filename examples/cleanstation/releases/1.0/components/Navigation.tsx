import Link from 'next/link';
import { features } from '@/lib/features';

export function Navigation() {
  return (
    <nav>
      <Link href="/dashboard">Dashboard</Link>
      <Link href="/orders">Orders</Link>
      <Link href="/bom">Assemblies</Link>
      {features.qcTemplates && <Link href="/qc">Quality control</Link>}
    </nav>
  );
}
