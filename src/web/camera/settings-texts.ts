/** The words of the camera page's settings. */

import { texts } from '../texts.ts'

export const t = texts(
  {
    title: 'Settings',
    name: 'Name of this camera',
    nameHint: 'As the control room shows it, until it is named there.',
    namedThere: (name: string) => `The control room calls it ${name}.`,
    lens: 'Camera',
    back: 'Back camera',
    front: 'Front camera',
    numbered: (name: string, number: number) => `${name} ${number}`,
    unnamed: 'Camera',
    ratio: 'Picture',
    size: 'Size',
    rate: 'Pictures a second',
    asMany: 'As many as it can',
    bitrate: 'Data rate',
    showsTime: 'Write the time into the picture',
    mirror: 'Mirror the preview. What is recorded is not mirrored',
    // Another sentence follows; in Chinese without a space.
    given: (size: string, fps: string) => `The camera gives ${size} at ${fps} pictures a second. `,
    lessGiven: (size: string, fps: string) =>
      `The camera gives less than was asked: ${size} at ${fps} pictures a second. `,
    recorded: (size: string) => `Recorded as ${size}.`,
    records: (size: string) => `Records as ${size}.`,
    about: (id: string, model: string) => `${id} · ${model}`,
  },
  {
    title: '设置',
    name: '这台相机的名称',
    nameHint: '控制室在未另行命名前显示此名称。',
    namedThere: (name) => `控制室称它为“${name}”。`,
    lens: '镜头',
    back: '后置镜头',
    front: '前置镜头',
    numbered: (name, number) => `${name} ${number}`,
    unnamed: '镜头',
    ratio: '画幅',
    size: '尺寸',
    rate: '帧率',
    asMany: '尽可能高',
    bitrate: '码率',
    showsTime: '把时间写入画面',
    mirror: '镜像预览（录制内容不镜像）',
    given: (size, fps) => `相机实际输出 ${size}，每秒 ${fps} 帧。`,
    lessGiven: (size, fps) => `相机达不到所要求的：实际输出 ${size}，每秒 ${fps} 帧。`,
    recorded: (size) => `录制为 ${size}。`,
    records: (size) => `将录制为 ${size}。`,
    about: (id, model) => `${id} · ${model}`,
  },
)
