import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTemplate } from './template.ts'

const data = { Name: 'web', Tags: ['a', 'b'], Env: { B: '2', A: '1' }, Up: true }
const cases: readonly (readonly [string, string])[] = [
  ['{{.Name}}', 'web'],
  ['{{json .Tags}}', '["a","b"]'],
  ['{{range $i, $t := .Tags}}{{if $i}},{{end}}{{$t}}{{end}}', 'a,b'],
  ['{{range $k, $v := .Env}}{{$k}}={{$v}} {{end}}', 'A=1 B=2 '],
  ['{{if not .Up}}no{{else}}yes{{end}}', 'yes'],
  ['{{with .Name}}{{. | upper}}{{end}}', 'WEB'],
  ['{{index .Env "A"}} {{len .Tags}} {{join .Tags "-"}}', '1 2 a-b'],
  ['{{printf "%s/%d" .Name (len .Tags)}}', 'web/2'],
  ['{{.Tags}} {{.Env}}', '[a b] map[A:1 B:2]'],
]

for (const [source, expected] of cases) test(source, () => assert.equal(parseTemplate(source)(data), expected))

test('a field that is not there is an error', () => {
  assert.throws(() => parseTemplate('{{.Nope}}')(data), /map has no entry for key "Nope"/)
})
