/** The words for when this phone cannot film, each with what to do. */

import { texts } from '../texts.ts'

export const t = texts(
  {
    cannot: 'This phone cannot film yet',
    cannotBrowser: 'This browser cannot film',
    'not-secure': 'Browsers give the camera to secure pages only. Open this page by its https address.',
    openSecure: 'Open the https address',
    warning: 'About the browser’s warning',
    'no-camera':
      'This browser gives pages no camera. Open the page in Chrome, Edge or Safari itself, not inside another app.',
    'no-webcodecs':
      'This browser has no WebCodecs, which the film is made with. Use a current Chrome or Edge on Android, or Safari 16.4 or later on an iPhone.',
    'no-h264':
      'This browser has no H.264 encoder, which the recordings need. Use Chrome, Edge or Safari, up to date.',
    'other-codecs-only': (codecs: string) =>
      `This browser encodes ${codecs} and not H.264, which the recordings need. Nothing else is recorded in its place. Use Chrome, Edge or Safari, up to date.`,
    broken: 'A part of the page did not load. Reload it; if that does not help, update the browser.',
    askingTitle: 'Allow the camera',
    asking: 'The browser asks whether this page may use the camera. Tap “Allow”.',
    deniedTitle: 'The camera is not allowed',
    denied:
      'Tap the sign beside the address, allow the camera for this page, then try again. On an iPhone: Settings, Apps, Safari, Camera.',
    takenTitle: 'The camera is in use elsewhere',
    taken: 'Another app or page has it, or the phone took it away. Close the other one, then try again.',
    noneTitle: 'There is no camera',
    none: 'This device has no camera that the browser knows of.',
    failedTitle: 'The camera does not start',
    failed: 'Try again; restart the phone if it stays like this.',
    replacedTitle: 'Another page has this camera now',
    replaced: 'It was opened in another tab or window, and the newer one films.',
    useThis: 'Use this one',
    refusedTitle: 'The server does not let this phone in',
    refused:
      'The camera key in the address is missing or wrong, or the server is full. Scan the code again, or ask who runs it.',
    refusedKeyless:
      'The address lacks the camera key (#key=…). Scan the code again: in the terminal of the server (type “camera”), or under “Add a camera”. With the key in it, the server may be full.',
    retry: 'Try again',
    reload: 'Reload',
  },
  {
    cannot: '这部手机暂时无法拍摄',
    cannotBrowser: '此浏览器无法拍摄',
    'not-secure': '浏览器只允许安全页面使用相机。请用 https 地址打开本页。',
    openSecure: '打开 https 地址',
    warning: '关于浏览器的警告',
    'no-camera':
      '此浏览器不向网页提供相机。请直接在 Chrome、Edge 或 Safari 中打开本页，不要在其他应用内打开。',
    'no-webcodecs':
      '此浏览器没有 WebCodecs，无法制作视频。请使用新版安卓 Chrome 或 Edge，或 iPhone 上的 Safari 16.4 及以上版本。',
    'no-h264': '此浏览器没有 H.264 编码器，而录制需要它。请使用新版 Chrome、Edge 或 Safari。',
    'other-codecs-only': (codecs) =>
      `此浏览器只能编码 ${codecs}，不能编码录制所需的 H.264，也不会改录别的格式。请使用新版 Chrome、Edge 或 Safari。`,
    broken: '页面有一部分没有加载成功。请重新加载；若仍不行，请更新浏览器。',
    askingTitle: '请允许使用相机',
    asking: '浏览器正在询问本页能否使用相机，请点“允许”。',
    deniedTitle: '相机未获允许',
    denied: '点按地址旁的图标，允许本页使用相机，然后重试。iPhone：设置 › App › Safari › 相机。',
    takenTitle: '相机正被占用',
    taken: '相机被其他应用或页面占用，或被手机收回。请关闭后重试。',
    noneTitle: '没有相机',
    none: '浏览器在此设备上找不到相机。',
    failedTitle: '相机无法启动',
    failed: '请重试；若一直如此，请重启手机。',
    replacedTitle: '这台相机已由另一页面接替',
    replaced: '它在另一个标签页或窗口中打开，由较新的页面拍摄。',
    useThis: '改用此页',
    refusedTitle: '服务器不允许此手机连接',
    refused: '地址中的相机密钥缺失或不正确，或服务器已满。请重新扫码，或询问管理者。',
    refusedKeyless:
      '地址中缺少相机密钥（#key=…）。请重新扫码：在服务器终端输入“camera”，或在“添加相机”中查看二维码。若已带密钥，则服务器可能已满。',
    retry: '重试',
    reload: '重新加载',
  },
)
