/** Words that more than one view uses. */

import { texts } from './texts.ts'

export const shared = texts(
  {
    close: 'Close',
    cancel: 'Cancel',
    save: 'Save',
    undo: 'Undo',
    retry: 'Try again',
    loading: 'Loading…',
    failed: 'That did not work',
    copy: 'Copy',
    copied: 'Copied',
  },
  {
    close: '关闭',
    cancel: '取消',
    save: '保存',
    undo: '撤销',
    retry: '重试',
    loading: '正在加载…',
    failed: '操作未成功',
    copy: '复制',
    copied: '已复制',
  },
)
