const on = (value: string | undefined) => value === 'true';

export const features = {
  qcTemplates: on(process.env.NEXT_PUBLIC_ENABLE_QC_TEMPLATES),
  serviceOrders: on(process.env.NEXT_PUBLIC_ENABLE_SERVICE_ORDERS),
  advancedReporting: on(process.env.NEXT_PUBLIC_ENABLE_ADVANCED_REPORTING),
};
