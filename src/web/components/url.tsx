/** An address that may be broken where a part of it begins, and not within a number. */

/** Before a path, a query, and each of its fields. */
const BREAKS = /(?<=[^/:])(?=\/)|(?=[?&])/

export function Url({ url }: { url: string }) {
  return (
    <>
      {url.split(BREAKS).map((part, i) => (
        <>
          {i > 0 && <wbr />}
          {part}
        </>
      ))}
    </>
  )
}
