import type { EventMessage } from '../spec/engine-api/system.ts'
import type { ImageRecord } from './record.ts'

type ImageEvent = Omit<EventMessage, 'time' | 'timeNano' | 'scope'>

/** Labels of the image travel as attributes, as in dockerd. */
export const imageEvent = (action: string, id: string, name: string, image?: ImageRecord): ImageEvent => ({
  Type: 'image',
  Action: action,
  Actor: { ID: id, Attributes: { ...image?.config.config?.Labels, name } },
})
