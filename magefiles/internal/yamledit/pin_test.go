package yamledit_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

func TestPins(t *testing.T) {
	digest := "sha256:" + strings.Repeat("a", 64)
	for name, c := range map[string]struct {
		doc, expression string
		want            []yamledit.Pin
	}{
		"kustomize": {
			"images:\n- name: a\n  newTag: t\n  digest: " + digest + "\n", `.images[0].newTag = "u"`,
			[]yamledit.Pin{{Path: "images[0].digest", Line: 4, Beside: "images[0].newTag"}},
		},
		"helm":            {"image: {tag: t, digest: \"" + digest + "\"}\n", `.image.tag = "u"`, []yamledit.Pin{{Path: "image.digest", Line: 1, Beside: "image.tag"}}},
		"without sha256":  {"image: {tag: t, sha: \"" + digest[7:] + "\"}\n", `.image.tag = "u"`, []yamledit.Pin{{Path: "image.sha", Line: 1, Beside: "image.tag"}}},
		"beside the map":  {"image: {tag: t}\nimageDigest: " + digest + "\n", `.image.tag = "u"`, []yamledit.Pin{{Path: "imageDigest", Line: 2, Beside: "image.tag"}}},
		"set as well":     {"image: {tag: t, digest: \"" + digest + "\"}\n", `.image.tag = "u" | .image.digest = "` + strings.ReplaceAll(digest, "a", "b") + `"`, nil},
		"empty":           {"image: {tag: t, digest: \"\"}\n", `.image.tag = "u"`, nil},
		"another's":       {"core: {tag: t}\nbatch: {digest: " + digest + "}\n", `.core.tag = "u"`, nil},
		"nothing changed": {"image: {tag: t, digest: \"" + digest + "\"}\n", `.image.tag = "t"`, []yamledit.Pin{{Path: "image.digest", Line: 1, Beside: "image.tag"}}},
	} {
		edit, err := yamledit.Apply([]byte(c.doc), c.expression)
		if err != nil || !reflect.DeepEqual(edit.Pins, c.want) {
			t.Errorf("%s: %+v, %v", name, edit, err)
		}
	}
}

func TestSharedOnPurpose(t *testing.T) {
	const doc = "global: {tag: &t 1.0.0-a}\nchart: {tag: *t}\nother:\n  tag: *t\n"
	edit, err := yamledit.Options{Shared: true}.Apply([]byte(doc), `.global.tag = "core-2"`)
	if err != nil {
		t.Fatal(err)
	}
	if string(edit.Bytes) != strings.Replace(doc, "1.0.0-a", "core-2", 1) {
		t.Errorf("got %s", edit.Bytes)
	}
	if want := []string{".chart.tag (line 2)", ".other.tag (line 4)"}; !reflect.DeepEqual(edit.Changes[0].Shared, want) {
		t.Errorf("places %q", edit.Changes[0].Shared)
	}
	for _, options := range []yamledit.Options{{}, {Shared: true}} {
		_, err := options.Apply([]byte(doc), `.chart.tag = "core-2"`)
		if err == nil || !strings.Contains(err.Error(), "its anchor &t (line 1), with `shared: true`") {
			t.Errorf("at the alias: %v", err)
		}
	}
}
