/**
 * The library: what was recorded, to find, watch, mark, fetch and delete.
 *
 * `#/library` is the list, `#/library/ID` a recording, `#/library/take/ID` a take. On wide screens the list stays beside what is open.
 */

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { route } from '../router.ts'
import './library.css'
import './detail.css'
import { openLibrary } from './library-store.ts'
import { RecordingList } from './recording-list.tsx'
import { RecordingView } from './recording-view.tsx'
import { TakeView } from './take-view.tsx'

/** Where the list stood when it was last left; browsers forget it for what is hidden. */
let listTop = 0

export function LibraryView() {
  const [first, second] = route.value.rest
  const isTake = first === 'take' && second !== undefined
  const open = isTake ? second : first
  const list = useRef<HTMLDivElement>(null)
  const detail = useRef<HTMLDivElement>(null)
  useEffect(() => {
    openLibrary()
  }, [])
  useLayoutEffect(() => {
    if (list.current) list.current.scrollTop = listTop
    detail.current?.scrollTo(0, 0)
    if (open !== undefined) detail.current?.focus()
  }, [open])
  return (
    <div class={`library ${open === undefined ? '' : 'has-open'}`}>
      <div
        class="library-list"
        ref={list}
        onScroll={({ currentTarget }) => {
          if (currentTarget.clientHeight > 0) listTop = currentTarget.scrollTop
        }}
      >
        <RecordingList scroller={list} open={open} />
      </div>
      {open !== undefined && (
        <div class="library-detail" ref={detail} tabIndex={-1}>
          {isTake ? <TakeView key={open} id={open} /> : <RecordingView key={open} id={open} />}
        </div>
      )}
    </div>
  )
}
