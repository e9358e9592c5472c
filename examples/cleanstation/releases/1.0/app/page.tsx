import Link from 'next/link';

export default function Home() {
  return (
    <>
      <h1>CleanStation</h1>
      <p>
        From the order of a sink to its last quality check. <Link href="/dashboard">To the dashboard</Link>
      </p>
    </>
  );
}
