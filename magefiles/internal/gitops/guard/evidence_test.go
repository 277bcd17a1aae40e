package guard

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// bumpOf is the commit of a service that set core to a value; path is where its trailers say so, "" for one without such trailers.
func bumpOf(service, repository, value, path string) repo.Commit {
	trailers := trailer.List{{Key: trailer.Source, Value: repository + "@" + rejected}, {Key: trailer.Service, Value: service}}
	if path != "" {
		trailers = append(trailers, trailer.Trailer{Key: trailer.Value, Value: "core values.yaml " + path})
	}
	return repo.Commit{SHA: commitid.ID(value), Message: "deploy(stage): " + service + "\n\ncore  old -> " + value + "\n\n" + trailers.String()}
}

// TestOwnerIsTheNewestWriterOfTheValue, where several have written something: the list is of commits, newest first.
func TestOwnerIsTheNewestWriterOfTheValue(t *testing.T) {
	const mine, theirs = "acme/shop", "acme/other"
	for name, test := range map[string]struct {
		path    string
		history []repo.Commit
		owner   string // its service; "" where the value belongs to none
	}{
		"no bump":                    {".core.tag", []repo.Commit{{Message: "chore: render\n"}}, ""},
		"ours, here":                 {".core.tag", []repo.Commit{bumpOf("shop", mine, "v1", ".core.tag")}, "shop"},
		"theirs, here":               {".core.tag", []repo.Commit{bumpOf("other", theirs, "v1", ".core.tag")}, "other"},
		"theirs before ours":         {".core.tag", []repo.Commit{bumpOf("shop", mine, "v1", ".core.tag"), bumpOf("other", theirs, "v1", ".core.tag")}, "shop"},
		"ours before theirs":         {".core.tag", []repo.Commit{bumpOf("other", theirs, "v1", ".core.tag"), bumpOf("shop", mine, "v1", ".core.tag")}, "other"},
		"equal by chance":            {".core.tag", []repo.Commit{bumpOf("other", theirs, "v1", ".else.tag")}, ""},
		"of a list, reordered since": {".apps[0].tag", []repo.Commit{bumpOf("other", theirs, "v1", ".apps[1].tag")}, "other"},
		"by a bump of before trailers of values": {
			".core.tag", []repo.Commit{bumpOf("other", theirs, "v1", "")}, "other",
		},
		"ours elsewhere": {
			".core.tag", []repo.Commit{bumpOf("other", theirs, "v1", ""), bumpOf("shop", mine, "v1", ".else.tag")}, "shop",
		},
		"another value here, edited by hand since": {".core.tag", []repo.Commit{bumpOf("other", theirs, "v0", ".core.tag")}, "other"},
	} {
		at := edit.Assignment{
			Scalar: edit.Scalar{Path: test.path}, File: "values.yaml", Edit: plan.Edit{Component: "core"}, Before: "v1", After: "v2",
		}
		e := evidence{Assignment: at}
		for _, commit := range test.history {
			e.addCommit(releaseOf(nil), commit)
		}
		got := ""
		if owner := e.owner(); owner != nil {
			got = owner.by.service
			if owner.ours != (got == "shop") {
				t.Errorf("%s: ours %v", name, owner.ours)
			}
		}
		if got != test.owner || e.isEmpty() != (test.owner == "") {
			t.Errorf("%s: the value is of %q, want %q", name, got, test.owner)
		}
	}
}

func TestTagOf(t *testing.T) {
	for value, want := range map[string]string{
		"v1": "v1", "ghcr.io/acme/shop:v1": "v1", "127.0.0.1:5000/shop": "127.0.0.1:5000/shop", "": "",
		"ghcr.io/acme/shop:v1@sha256:0": "v1",
	} {
		if got := tagOf(value); got != want {
			t.Errorf("the tag of %q is %q, want %q", value, got, want)
		}
	}
}

func TestWriterIsNamedOnce(t *testing.T) {
	for want, w := range map[string]writer{
		"acme/shop": {"acme/shop", ""}, "shop": {"shop", "shop"}, "shop (acme/apps)": {"acme/apps", "shop"},
	} {
		if got := w.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
