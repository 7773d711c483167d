/** The words of the camera page: what stands on it while it films. */

import { texts } from '../texts.ts'

export const t = texts(
  {
    page: 'Camera',
    thisPhone: 'This phone',
    asking: 'Allow the camera',
    connecting: 'Connecting…',
    ready: 'Ready',
    rec: 'REC',
    begins: (seconds: number) => `In ${seconds} s`,
    replaced: 'Replaced',
    refused: 'Not let in',
    'no-picture': 'No picture',
    'not-filming': 'Not filming',
    start: 'Start recording',
    stop: 'Stop recording',
    settings: 'Settings',
    flip: 'Other camera',
    torch: 'Light',
    zoom: 'Zoom',
    preview: 'Preview',
    fps: (fps: number) => `${Math.round(fps)} fps`,
    mbps: (mbps: number) => `${mbps.toFixed(1)} Mbit/s`,
    batteryAt: (percent: number) => `Battery at ${percent} %`,
    away: (seconds: number) =>
      seconds < 1
        ? 'The server is away. This phone keeps what it films.'
        : `The server is away. This phone keeps what it films: ${seconds} s wait here.`,
    shutOut: (seconds: number) =>
      `The server lets this phone in no more. This phone keeps what it films: ${seconds} s wait here. Scan the code again once you have stopped.`,
    waits: (seconds: number) => `${seconds} s wait here until the server lets this phone in.`,
    memoryOnly:
      'This browser keeps what waits in its memory alone. Do not reload or close this page before it is sent.',
    lookingForServer:
      'The server does not answer. Is this phone in its Wi-Fi? It is looked for again and again.',
    catchingUp: (seconds: number) => `${seconds} s wait here, and are being sent.`,
    left: (count: number) =>
      count === 1
        ? 'A recording kept from before is being sent.'
        : `${count} recordings kept from before are being sent.`,
    dropped: (count: number) =>
      `This phone had no room: ${count === 1 ? 'one picture was' : `${count} pictures were`} given up.`,
    'bitrate-lowered': 'The network or this phone cannot follow: the picture is coarser for now.',
    'storage-nearly-full': 'This phone has little room left. Free some, or bring it back into the Wi-Fi.',
    'storage-full': 'This phone has no room left: the oldest pictures that wait are given up.',
    'no-frames':
      'The camera gives no pictures: a call or another app may hold it. If that is over, stop and reload the page.',
    'encoder-failed': 'This phone’s encoder failed. Reload the page; lower the size if it happens again.',
    batteryLow: (percent: number) => `Battery at ${percent} %. Plug the phone in.`,
    strained: 'This phone is at its limit and may get hot. Give it air, or lower size or rate.',
    more: (count: number) => `And ${count} more.`,
    sleepy: 'This browser lets the screen go dark. Set the phone to stay on while it films.',
    seen: 'Not recorded. The control room sees this picture.',
  },
  {
    page: '相机',
    thisPhone: '这部手机',
    asking: '请允许使用相机',
    connecting: '正在连接…',
    ready: '就绪',
    rec: '录制',
    begins: (seconds) => `${seconds} 秒后`,
    replaced: '已被接替',
    refused: '未获准连接',
    'no-picture': '没有画面',
    'not-filming': '没有在拍',
    start: '开始录制',
    stop: '停止录制',
    settings: '设置',
    flip: '切换镜头',
    torch: '补光灯',
    zoom: '变焦',
    preview: '预览',
    fps: (fps) => `${Math.round(fps)} 帧/秒`,
    mbps: (mbps) => `${mbps.toFixed(1)} Mbit/s`,
    batteryAt: (percent) => `电量 ${percent}%`,
    away: (seconds) =>
      seconds < 1
        ? '暂时连不上服务器，拍到的内容先存在手机里。'
        : `暂时连不上服务器，拍到的内容先存在手机里：已有 ${seconds} 秒待传。`,
    shutOut: (seconds) =>
      `服务器不再允许此手机连接，拍到的内容先存在手机里：已有 ${seconds} 秒待传。停止后请重新扫码。`,
    waits: (seconds) => `已有 ${seconds} 秒待传，需等服务器允许此手机连接。`,
    memoryOnly: '此浏览器只能把待传内容放在内存中。传完之前，请勿重新加载或关闭本页。',
    lookingForServer: '服务器没有响应。手机连的是同一个 Wi-Fi 吗？正在不断重试。',
    catchingUp: (seconds) => `还有 ${seconds} 秒待传，正在补传。`,
    left: (count) => `正在补传之前留下的 ${count} 段录像。`,
    dropped: (count) => `手机空间不足，已舍弃 ${count} 帧画面。`,
    'bitrate-lowered': '网络或手机跟不上，画面暂时降低了清晰度。',
    'storage-nearly-full': '手机空间快满了。请清理空间，或回到 Wi-Fi 范围内。',
    'storage-full': '手机空间已满，正在舍弃最早的待传画面。',
    'no-frames': '相机没有给出画面，可能被通话或其他应用占用。若已结束仍无画面，请停止录制并重新加载页面。',
    'encoder-failed': '手机的编码器出错。请重新加载页面；若再次出现，请降低尺寸。',
    batteryLow: (percent) => `电量 ${percent}%，请接上电源。`,
    strained: '手机已满负荷，可能发烫。请让它通风，或降低尺寸或帧率。',
    more: (count) => `另有 ${count} 条。`,
    sleepy: '此浏览器会让屏幕熄灭。拍摄时请把手机设为常亮。',
    seen: '未在录制。控制室正在看这个画面。',
  },
)
