export const checkpointDir = { type: 'string', help: 'Folder of the checkpoints' } as const
