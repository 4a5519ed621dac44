// node check.mjs SCHEMAS < what rule_samples says: every text is JSON, each name once, and valid. Prints what is not, and sums.
import { readFileSync } from 'fs'
import Ajv from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

// JSON with the text of each number by its pointer (ajv has doubles; a bound is exact), and no name twice.
function read(text) {
    let at = 0
    const numbers = new Map()
    const fail = why => { throw new Error(`${why} at ${at}`) }
    const space = () => { while (/[ \t\n\r]/.test(text[at] || '')) at++ }
    function string() {
        const begin = at++
        while (text[at] !== '"') { if (at >= text.length) fail('no end of a string'); at += text[at] === '\\' ? 2 : 1 }
        const s = JSON.parse(text.slice(begin, ++at))
        if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(s)) fail('half of a pair')
        return s
    }
    function value(pointer) {
        space()
        const c = text[at]
        let v
        if (c === '"') v = string()
        else if (c === '{') {
            v = Object.create(null), at++, space()
            if (text[at] === '}') at++
            else for (;;) {
                space()
                if (text[at] !== '"') fail('no name')
                const name = string()
                if (name in v) fail('a name twice')
                space()
                if (text[at++] !== ':') fail('no colon')
                v[name] = value(pointer + '/' + name.replace(/~/g, '~0').replace(/\//g, '~1'))
                if (text[at] === '}') { at++; break }
                if (text[at++] !== ',') fail('no comma')
            }
            v = Object.assign({}, v)
        } else if (c === '[') {
            v = [], at++, space()
            if (text[at] === ']') at++
            else for (;;) {
                v.push(value(pointer + '/' + v.length))
                if (text[at] === ']') { at++; break }
                if (text[at++] !== ',') fail('no comma')
            }
        } else {
            const m = /^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)/.exec(text.slice(at))
            if (!m) fail('no value')
            at += m[0].length, v = JSON.parse(m[0])
            if (typeof v === 'number') numbers.set(pointer, m[0])
        }
        space()
        return v
    }
    const all = value('')
    if (at !== text.length) fail('more behind the end')
    JSON.parse(text)
    return { all, numbers }
}

// The two as integers of one scale.
function scaled(a, b) {
    const part = s => { const [, sign, i, f = '', e = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(String(s)); return { n: BigInt(sign + i + f), e: Number(e) - f.length } }
    const x = part(a), y = part(b), low = Math.min(x.e, y.e)
    if (Math.max(x.e, y.e) - low > 5000) return null
    return [x.n * 10n ** BigInt(x.e - low), y.n * 10n ** BigInt(y.e - low)]
}
function exact(keyword, text, limit) {
    const two = scaled(text, limit)
    if (!two) return true
    const [a, b] = two
    switch (keyword) {
    case 'minimum': return a >= b
    case 'maximum': return a <= b
    case 'exclusiveMinimum': return a > b
    case 'exclusiveMaximum': return a < b
    default: return a % b === 0n
    }
}

const schemas = readFileSync(process.argv[2], 'utf8').trim().split('\n').map(l => JSON.parse(l))
const ajv = new Ajv({ strict: false, allErrors: true, strictNumbers: false, logger: false })
formats(ajv)
let texts_of = new Map()                // the numbers of the text that is looked at
for (const keyword of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']) {
    ajv.removeKeyword(keyword)
    ajv.addKeyword({ keyword, type: 'number', schemaType: 'number', errors: false,
        validate: (limit, data, parent, at) => exact(keyword, texts_of.get(at.instancePath) ?? String(data), limit) })
}
const why = new Map()
let opened = 0, refused = 0, texts = 0, bad = 0, number = 0, check = null
for (const line of readFileSync(0, 'utf8').split('\n')) {
    if (line.startsWith('S ')) number = Number(line.slice(2)), check = null, opened++
    else if (line.startsWith('R ')) {
        const reason = line.replace(/^R [^:]*: /, '')
        refused++, opened--, why.set(reason, (why.get(reason) || 0) + 1)
    } else if (line.startsWith('#')) { bad++, console.log(line.slice(0, 600), '\n    ', JSON.stringify(schemas[number])) }
    else if (line.startsWith('O ')) {
        texts++
        try {
            const { all, numbers } = read(line.slice(2))
            check = check || ajv.compile(schemas[number])
            texts_of = numbers
            if (!check(all))
                throw new Error(check.errors.map(e => `${e.instancePath} ${e.message} (${e.schemaPath})`).join('; '))
        } catch (e) { bad++, console.log(`schema ${number}: ${e.message.slice(0, 300)}\n    ${line.slice(2, 600)}\n    ${JSON.stringify(schemas[number])}`) }
    }
}
for (const [reason, n] of [...why].sort((a, b) => b[1] - a[1]).slice(0, 12)) console.log(`    ${n} refused: ${reason}`)
console.log(`ajv: ${opened} schemas, ${refused} refused by name, ${texts} texts, ${bad} bad`)
process.exit(bad || texts < opened || opened < 2 * refused ? 1 : 0)
