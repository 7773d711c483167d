/**
 * An Apple configuration profile that holds a certificate: iPhones and iPads install it from a web page.
 *
 * The keys are those of Apple's "Configuration Profile Reference": a profile with one payload of type
 * `com.apple.security.root`. Who installs it must still turn on full trust for it.
 */

import { createHash, X509Certificate } from 'node:crypto'

/** Bytes of base64 in a line. */
const LINE_CHARS = 64

/** @param pem - The certificate of an authority. The same one gives the same profile, which then takes the place of itself. */
export function mobileConfig(pem: string): string {
  const certificate = new X509Certificate(pem)
  const name = certificate.subject.replace(/^CN=/, '')
  const identifier = `rollcall.${certificate.fingerprint256.replaceAll(':', '').slice(0, 16).toLowerCase()}`
  const data = certificate.raw.toString('base64').replaceAll(new RegExp(`.{${LINE_CHARS}}`, 'g'), '$&\n')
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadCertificateFileName</key>
      <string>rollcall-ca.crt</string>
      <key>PayloadContent</key>
      <data>
${data}
      </data>
      <key>PayloadDescription</key>
      <string>Lets this device trust the Rollcall server that the certificate is named after.</string>
      <key>PayloadDisplayName</key>
      <string>${escaped(name)}</string>
      <key>PayloadIdentifier</key>
      <string>${identifier}.ca</string>
      <key>PayloadType</key>
      <string>com.apple.security.root</string>
      <key>PayloadUUID</key>
      <string>${uuidOf(certificate, 'payload')}</string>
      <key>PayloadVersion</key>
      <integer>1</integer>
    </dict>
  </array>
  <key>PayloadDisplayName</key>
  <string>${escaped(name)}</string>
  <key>PayloadIdentifier</key>
  <string>${identifier}</string>
  <key>PayloadRemovalDisallowed</key>
  <false/>
  <key>PayloadType</key>
  <string>Configuration</string>
  <key>PayloadUUID</key>
  <string>${uuidOf(certificate, 'profile')}</string>
  <key>PayloadVersion</key>
  <integer>1</integer>
</dict>
</plist>
`
}

/** A UUID of version 8 (RFC 9562, 5.8) that is always the same for a certificate and a use. */
function uuidOf(certificate: X509Certificate, use: string): string {
  const bytes = createHash('sha256').update(use).update(certificate.raw).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes
    .toString('hex')
    .toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
