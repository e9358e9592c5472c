export const RELEASE = '1.2';
