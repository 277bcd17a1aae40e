package imageref_test

import (
	"encoding/json"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

func TestOfField(t *testing.T) {
	type parts = map[string]any
	for name, test := range map[string]struct {
		key   string
		value any
		want  string
	}{
		"a text":                 {"image", "a/b:1", "a/b:1"},
		"a text of another key":  {"busyboxImage", "a/b:1", ""},
		"parts":                  {"image", parts{"repository": "a/b", "tag": "1"}, "a/b:1"},
		"parts of another image": {"webImage", parts{"name": "b", "registry": "r:5000", "digest": "sha256:0"}, "r:5000/b@sha256:0"},
		"a tag of digits":        {"image", parts{"repository": "b", "tag": 12}, "b:12"},
		"the same in JSON":       {"image", parts{"repository": "b", "tag": json.Number("12")}, "b:12"},
		"no version":             {"image", parts{"repository": "b"}, ""},
		"no repository":          {"image", parts{"tag": "1"}, ""},
		"another mapping":        {"container", parts{"repository": "b", "tag": "1"}, ""},
		"a list":                 {"image", []any{"a/b:1"}, ""},
	} {
		if got := imageref.OfField(test.key, test.value); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
