package history

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// TestTagIsOfABumpThatSaysSo: by its table, by the tag that its source has, or where that is not known by the digits.
func TestTagIsOfABumpThatSaysSo(t *testing.T) {
	const sha = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
	table := repo.Commit{Message: "deploy\n\ncore  v1 -> v2\n"}
	for name, test := range map[string]struct {
		bump     Provenance
		tag      string
		expected string
		want     bool
	}{
		"the table":                   {Provenance{Commit: table, SHA: sha}, "v2", "other", true},
		"the source's tag":            {Provenance{SHA: sha}, "v2", "v2", true},
		"another tag of the source":   {Provenance{SHA: sha}, "core-a1b2c3d4", "v2", false},
		"the digits":                  {Provenance{SHA: sha}, "core-a1b2c3d4", "", true},
		"other digits":                {Provenance{SHA: sha}, "core-9f8e7d6c", "", false},
		"nothing is known":            {Provenance{}, "v2", "v2", false},
		"of another component's line": {Provenance{Commit: repo.Commit{Message: "deploy\n\nbatch  v1 -> v2\n"}, SHA: sha}, "v2", "other", false},
	} {
		test.bump.Component = "core"
		if got := test.bump.Names(test.tag, test.expected); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestProvenanceOfAnUnknownTagHasNoCommit(t *testing.T) {
	all := []Provenance{{TagQuery: TagQuery{"core", "v1"}, SHA: "a1"}, {TagQuery: TagQuery{"batch", "v1"}, SHA: "b2"}}
	if got := ProvenanceOf(all, "batch", "v1"); got.SHA != "b2" {
		t.Errorf("%+v", got)
	}
	if got := ProvenanceOf(all, "batch", "v2"); got.SHA != "" || got.TagQuery != (TagQuery{"batch", "v2"}) {
		t.Errorf("%+v", got)
	}
}
