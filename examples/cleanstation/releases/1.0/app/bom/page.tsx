import Image from 'next/image';
import assemblies from '@/prisma/data/assemblies.json';

export default function BillsOfMaterials() {
  return (
    <ul>
      {assemblies.map((assembly) => (
        <li key={assembly.id}>
          <Image src={`/drawings/${assembly.id}.svg`} alt={`Drawing of ${assembly.name}`} width={160} height={120} />
          {assembly.name}
        </li>
      ))}
    </ul>
  );
}
