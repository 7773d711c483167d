/** A small stream for machines without ffmpeg: 10 pictures of 160x120, baseline, the first one a keyframe. */

/**
 * H.264 Annex B, as base64. Made by: ffmpeg -f lavfi -i testsrc=size=160x120:rate=10 -frames:v 10 -c:v libx264
 * -pix_fmt yuv420p -profile:v baseline -preset veryslow -crf 34 -threads 1 -bsf:v filter_units=remove_types=6 -f h264
 */
const BASE64 = [
  'AAAAAWdCwAymEQoR+XARAAADAAEAAAMAFA8UKhGAAAAAAWjIQgISyAAAAWWIggf5MUAASa/h/5FBgHooAHwCPX23wrQBhAJCgAYS',
  'WMSWAFsZwA5AGxg5AGwAIWLi2QQsD3wxH8asCb9ZRUNMA3BUd/nFvcEPgB/CFAGAwQABwKNyA3G+DGPj6rvZ+8AT5AajKPcVlPw1',
  'd892KpKRJIP//8FhooDxEogARYYrisMHQJiDoEweGVOhhR8UAARfo4AAiixwABAY+H/8FYYigPEQKIAEALFcVwdAmMHQJj4aJ82K',
  'OLDT3mcW15tDywk2z8X7whCCmBAAGAULLABFu40mCLk5PwAi2uNEYVTtQPB2du+r4d/4HM/gvxQD90QUA4MEAIACaH+JLAECiMx6',
  'fLAYOQGwARjqpIWBSJFkBsHhuPI0ClE/MpWJg+NBNwTDghkG/MBEPLrv48w39W0OP6PA6YQUIYaCbwevqI5YwAxyEr1v4rFSKSOF',
  'oEx5nvT0wT09PMwTU3PSf6ThwuQIcAaDvG4H1ogV/WnozQKGBgqN4L0uzhYq+HYNOeRAcPf+ZYgJhMEcdBEAAiOAqiwU85ktPO+A',
  'Bj1t8pv1brkq2AfyBDFucjZgARGUmJ6emCGnp6f/hx9gvBJPH4AYlxW5dr5FfLvBipZB9fP0+AfwmgAMw1+dwNPg9199W18/8BxG',
  'V0z7AH/h9gAmum10/vc8HT09PTBLT09P4aZf6DwckM/HZQdio5/AAy28zxqrMhgAFyDr2FwzjeEmzMauGUu18ANaMSs73eQk2bGr',
  'hiF2geAKEggoH6f/8PQwA3n0mlsvz//8NIIRXACBl9y/PJunp6YJ6enp8IhgXyhGgi6KAHbIPmJg7FR/4AMU8+HCCGCTnHT12sjX',
  '8ACECpT5NELGB1nLCcfwIOv/2+CQ0BwXzJlOv51/ScYfCAiZmvjjN8tjxPCkfdi4HDHA4AMEyaFMvBqcsquXgHythoOiwAYKX9Hv',
  '1f6mzwkFYBgTAHELErXyhKWDoExIh0xELtR/wDENB19xAkfBwWAgADICBL3p6hQcCMZFH/AMA0HU6XB08xEocIciFi8HQJhQpoU8',
  'EC0MNgGHE5+Pr+H+GAMkOhEG2y+XHuBwACIDkgcLXBxDFmgHEGPNGB4jSweIlo/4WgCAg7LgNmy+IuPgwgKEBAvCRAsbcHEBMQJT',
  'kY52h4gx5o/4Bz0Hb8ucISMggACYwLPbZN16g5CEmj/646BdaEAkcNLYQEXpiBYJpmVs+WICYTtACZWQyztYt+IQDQ9gAQvaZhb8',
  '7AHNnrehx/vPAbubfvC7C74P9wkWfOokFDUft/+GAcOjAbbL5M4GAVYDAB48yfSq5cyDJSylS/+AQA6oOnJgOiy6SUO+AiDCgPSc',
  'vDLlcyBKUmYfaCGfH5RUe8/4EeGg6n8G2yu4GBUQIAAo4v54mRIJmZgIYSHeFoAM1/wCIBBAuNEOYMlByBl7zv0JxFagWhBMA9iO',
  'ruTetv/wwDQdGmzlIvUDgACANwOB3FdhwmCSw4RCpfY/LXy/2wHANB058BjsvqfBxBQgQSNdy37sBLbMhE7RBCGl/jgGIRQdR87V',
  '4V8EABODjOfbtmh0Z5f/yEAgw7gWHKAeGDqzAwBooSAFA/AMxJ7wUqj8ApfB+URnrsKtIRn7QtEgYHFjM7f80a4zGMUxDdP0rLo/',
  'Y8zr//HF14e9vZ4GFwYBGuF0jjRh61gdsiDuBgC9AuHd+6DINppg97IgO4Kd6Jvvv72M7B2FYh6ZsHACvEL0zDAcpnN/IB8uhp+a',
  'UwEAIF4/HA5l+BgQHDggACZuIAj17aQjWPRCQ7ngAjb/lecSo+DfVoBCCBEW4H//9gqRIgn4VGiYyYjuclRHckzCYuT4AAAAAUGa',
  'HA/wZl5PDnwlCVAkSr0mPrSqwt1F1UKdhWHII2ld3HqmXrzL1KnC3QQher6DX1/CtR9whWLL+IhH6D0I1c0HP9RqnhCTCHhSSZYA',
  'AAABQZoqA/wZ+CgFFVU2LKlRV8EaNhsmYFV9gmgj7ulG8/Uou0xFKPDH8FFy49vfTK/BNR0w3n6xfnjFOTSb/C1e1hiF5ZMJnL/h',
  'lasbz8810yb/zxJL5NJv8NcnkDDhvgjnw+daTQYz3P5NJtPqY52cYW1n3zcISwAAAAFBmjsD/Bm8Jf9Au0ql/8MfzzJ2z7/z8ufW',
  '/4W/gjGpXcXMy+CPVVKjK8EHSARfgkW7lWeFusNQvPY/n0+9VQW/qMr1hj0sMQvVzwzCjWq6qq6RM0ZXzvij+Lf4It3caq+EJLhC',
  'aAAAAAFBmkkA/wZvD3BIDBWlUqARvwYIEZ1rSj8Efd0q+pkVfBJarrwx/DYkdZNy7TLPq59PvzjEy/H5b9+c/zxHds3+pU8LdYah',
  'f+Nbu7vd3fd+jVfn0+/PInJqf1hbn5cmp+i+GoWhflZ8PnWHoXnuf4xLZsvg0/qF154OKkpZIQ7hCWAAAAABQZpZQP8Gbw9w4CJp',
  'VUwukTeDKl/REq9hu5ce0q2z/EdS+HOqmTn1v7wYcEm7uUYcMcv/gmqgN+Cg2q6rzK8V1Kr88qcmjEv+Gv66NV9SL1gSOogtNYV9',
  'F38M/OLXGP+GI+sPQzVzX5xnds+/886cx+X+WEJJYQmgAAAAAUGaaYD/Bm8NffgihsEjvd/4jv6i6VfUyfhzd3MjLOaH5f8Mf0ky',
  '+COqqsTK+tSp+CPu5U8Mfw9vd3d58yId/j8s92XwaQUQVvTOgB/UZTWFullSwtC/9eRfUaqPDUmtSzQhNAAAAAFBmnnA/wZk918G',
  '3QMEBH60q9KZFH6mTeGuCQ5cSd0o8Md4Zh7XnlTk0Yl/8Eni5UYeGJ/ds+/WHoZ/rf88icmjEv6/Dlz5udRLUS/TwzDVUn4daqqr',
  'WTGZ+/Umx/Ojp59OZ/hSCLWvIJZ4Q5oQlgAAAAFBmoiAO8Gj8F0EYJt3Sj8/P/hho+eZOPy18v94e4JN3fN4YrX50mX4/Lrl//Db',
  'tKpUA38S6v1Kn4JNVVKuFv6p1L4NP6nF+oymXwt8Lr89fyaTawtC/88AkAPC7L/6jVXjq8ssQFwhNAAAAAFBmpiQN8GfoFyVfVKv',
  'qZR+pk/W54a/qmXzyq6ZN/6lT8OPVSqOMS4/4Y/nV/59OZ+eMp0yb/1ImsKei+HIeh3/qdX6nT8E9VrJmdHRomFJYA==',
]

/** The stream's bytes, H.264 Annex B; a new copy each time. */
export function builtInStream(): Uint8Array {
  return new Uint8Array(Buffer.from(BASE64.join(''), 'base64'))
}
