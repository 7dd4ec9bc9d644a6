/** An address without the password that it may hold; anything else as it is. */
export const withoutPassword = (address: string): string =>
  address.replace(/^([a-z+]+:\/\/)[^/@\s]*:[^/@\s]*@/, (_, scheme: string) => `${scheme}xxxxx:xxxxx@`)
