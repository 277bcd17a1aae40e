package source_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// TestAJSONFileIsEditedWhereYAMLFindsIt makes objects of texts with every escape that JSON knows, and puts a text over each
// value at the place to which the position in the YAML leads: JSON reads the others as before.
func TestAJSONFileIsEditedWhereYAMLFindsIt(t *testing.T) {
	pieces := []string{
		"a", "한", "🚀", " ", "/", `\/`, `\\`, `\\/`, `\"`, `\n`, `\t`, `\b`, `\u0041`, `\uac00`, `\ud83d\ude80`, `\uD83D\uDE80`,
		`\uDBFF\udfff`, `\ud83d\ude1a`,
		`\\ud83d`, `\\\/`, `ud83d`,
	}
	for seed := range uint64(50) {
		random, doc := rand.New(rand.NewPCG(seed, 0)), "{"
		for i := range 5 {
			doc += fmt.Sprintf("%q: \"v", fmt.Sprint("k", i))
			for range random.IntN(6) {
				doc += pieces[random.IntN(len(pieces))]
			}
			doc += []string{"\",\n", "\", "}[random.IntN(2)]
		}
		doc = strings.TrimRight(doc, ", \n") + "}"
		want := map[string]string{}
		if err := json.Unmarshal([]byte(doc), &want); err != nil {
			t.Fatal(err)
		}
		plain, moved := source.ReadJSON([]byte(doc))
		text, root := read(t, string(plain))
		for i := 0; i < len(root.Content); i += 2 {
			key, value := root.Content[i].Value, root.Content[i+1]
			if value.Value != want[key] {
				t.Fatalf("%s: YAML reads %q, want %q", doc, value.Value, want[key])
			}
			span, err := text.Scalar(value)
			if err != nil {
				t.Fatal(err)
			}
			at := source.Span{Start: moved.Offset(span.Start), End: moved.Offset(span.End)}
			edited, got := source.Splice([]byte(doc), []source.Replacement{{Span: at, Text: `"new"`}}), map[string]string{}
			changed := maps.Clone(want)
			changed[key] = "new"
			if err := json.Unmarshal(edited, &got); err != nil || !maps.Equal(got, changed) {
				t.Fatalf("%s became %s: %v", doc, edited, err)
			}
		}
	}
}

// TestATextThatYAMLReadsStaysItself has files that need no other text, or are no JSON.
func TestATextThatYAMLReadsStaysItself(t *testing.T) {
	for _, doc := range []string{
		"", "{}", `{"a": "b/c"}`, `{"a": "\u0041\n\\"}`, `{"a": "\\/"}`, `{"a": "\ud83d"}`, `{"a": "\ude80\ud83d"}`,
		`{"a": "\ud83d\u0041 "}`, `{"a": "\ud83d`,
		`a: "\/"`, `"\ud83d\ude8"`, `{"a": "\/"} # c`, `\/`, `\u`,
	} {
		if text, moved := source.ReadJSON([]byte(doc)); string(text) != doc || moved != nil {
			t.Errorf("%s became %s with %v", doc, text, moved)
		}
	}
}

func TestAnOffsetBehindAnEscapeIsBehindItInTheFile(t *testing.T) {
	_, moved := source.ReadJSON([]byte(`["\/\/a"]`))
	for of, shifts := range map[string]source.Shifts{"0 1 2 4 6 7": moved, "0 1 2 3 4 5": nil} {
		for text, want := range strings.Fields(of) {
			if got := shifts.Offset(text); fmt.Sprint(got) != want {
				t.Errorf("offset %d of the text with %v is at %d of the file, want %s", text, shifts, got, want)
			}
		}
	}
}
