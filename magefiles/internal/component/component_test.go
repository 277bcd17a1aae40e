package component_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

func TestJoin(t *testing.T) {
	for want, names := range map[string][]component.Name{"": nil, "core": {"core"}, "core, batch": {"core", "batch"}, ", ": {"", ""}} {
		if got := component.Join(names, ", "); got != want {
			t.Errorf("%q: %q, want %q", names, got, want)
		}
	}
}

// FuzzAddKeepsEachOnce, in the order in which they came first, also where what is added to had some twice.
func FuzzAddKeepsEachOnce(f *testing.F) {
	f.Add("core batch", "batch web core web")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, before, more string) {
		names, added := component.Names(strings.Fields(before)), component.Names(strings.Fields(more))
		got := component.Add(slices.Clone(names), added...)
		var want []component.Name
		for i, name := range slices.Concat(names, added) {
			if i < len(names) || !slices.Contains(want, name) {
				want = append(want, name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q and %q are %q, want %q", names, added, got, want)
		}
	})
}

// FuzzNamesAreTheirTexts: no text is changed or refused, and none looks different in a file or a report for being a name.
func FuzzNamesAreTheirTexts(f *testing.F) {
	f.Add("core")
	f.Add("core batch")
	f.Add("Core -only= \t*! : #é\x00")
	f.Fuzz(func(t *testing.T, text string) {
		texts := strings.Split(text, " ")
		names := component.Names(texts)
		if got := component.Texts(names); !slices.Equal(got, texts) || component.Join(names, " ") != text {
			t.Errorf("%q became %q", text, got)
		}
		for format, marshal := range map[string]func(any) ([]byte, error){"JSON": json.Marshal, "YAML": yaml.Marshal} {
			want, wantErr := marshal(map[string][]string{"components": texts})
			got, err := marshal(map[string][]component.Name{"components": names})
			if !bytes.Equal(got, want) || (err == nil) != (wantErr == nil) {
				t.Errorf("%s is %q, %v; of texts it is %q, %v", format, got, err, want, wantErr)
			}
		}
	})
}
