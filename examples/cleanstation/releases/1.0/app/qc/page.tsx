import { QcChecklist } from '@/components/QcChecklist';
import { prisma } from '@/lib/db';

export const dynamic = 'force-dynamic';

export default async function QualityControl() {
  const templates = await prisma.qCFormTemplate.findMany({
    where: { isActive: true },
    include: { items: { orderBy: { sequenceOrder: 'asc' } } },
  });
  return templates.map((template) => <QcChecklist key={template.id} name={template.formName} items={template.items} />);
}
