export const RELEASE = '1.1';
