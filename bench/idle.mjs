/** A process that does nothing, beside the server: what its event loop is held up by is the machine's own noise. */

console.log('idle')
process.channel?.ref()
