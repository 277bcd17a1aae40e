package yamledit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

// JSON may escape a slash and write a character in two halves, anywhere in the file.
func TestJSONEscapes(t *testing.T) {
	const doc = `{"url": "http:\/\/a\/b", "pic": "\ud83d\ude80 \ud83D\uDE80", "k\/ey": {"tag": "x\/core-1", "n": "\u00e9\\ud83d"}, "tag": "core-1", "end": "\/"}` + "\n"
	for expression, replace := range map[string][2]string{
		`.tag = "core-2"`:              {`"core-1"`, `"core-2"`},
		`.["k/ey"].tag = "x/core-2"`:   {`"x\/core-1"`, `"x/core-2"`},
		`.pic = "core-2"`:              {`"\ud83d\ude80 \ud83D\uDE80"`, `"core-2"`},
		`.end = "core-2" | .url = "u"`: {`"\/"`, `"core-2"`},
	} {
		edit, err := yamledit.Apply([]byte(doc), expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		want := strings.Replace(doc, replace[0], replace[1], 1)
		if strings.Contains(expression, ".url") {
			want = strings.Replace(want, `"http:\/\/a\/b"`, `"u"`, 1)
		}
		if string(edit.Bytes) != want || !json.Valid(edit.Bytes) {
			t.Errorf("%s: got\n%s\nwant\n%s", expression, edit.Bytes, want)
		}
	}
	edit, err := yamledit.Apply([]byte(doc), `.pic = "core-2"`)
	if err != nil || edit.Changes[0].Old != "🚀 🚀" {
		t.Errorf("old value %+v, %v", edit, err)
	}
}

func FuzzJSONEscapes(f *testing.F) {
	f.Add(`a\/b`, `c`)
	f.Add("🚀", `\`)
	f.Fuzz(func(t *testing.T, before, other string) {
		text, err := json.Marshal(map[string]string{"tag": before, "other": other})
		if err != nil {
			t.Skip()
		}
		doc := strings.NewReplacer("/", `\/`, "🚀", `\ud83d\ude80`).Replace(string(text))
		edit, err := yamledit.Apply([]byte(doc), `.tag = "core-2"`)
		if err != nil {
			return
		}
		var got, want map[string]string
		if json.Unmarshal([]byte(doc), &want) != nil || json.Unmarshal(edit.Bytes, &got) != nil || got["tag"] != "core-2" || got["other"] != want["other"] {
			t.Errorf("%s became %s", doc, edit.Bytes)
		}
	})
}
