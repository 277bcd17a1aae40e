package trailer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// written returns trailers as the next run reads them: out of a commit's message.
func written(trailers ...trailer.Trailer) trailer.List {
	return trailer.Parse("deploy(stage): shop\n\n" + trailer.List(trailers).String())
}

// FuzzEachValueIsReadAsItWasWritten has the names that configurations allow, and what is not known of a build.
func FuzzEachValueIsReadAsItWasWritten(f *testing.F) {
	f.Add("core", "core-stage-1", uint8(0))
	f.Add("batch", "", uint8(3))
	f.Add("x-1", "v1", uint8(7))
	repository := imageref.Repository{Host: "ghcr.io", Path: "acme/shop"}
	f.Fuzz(func(t *testing.T, text, tag string, known uint8) {
		if text == "" || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || strings.ContainsFunc(tag, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Skip()
		}
		name, of := component.Name(text), digest.FromString(tag)
		commit := commitid.ID("")
		if known&1 != 0 {
			commit = commitid.ID(of.Encoded()[:40])
		}
		if known&2 != 0 {
			tag = ""
		}
		list := written(
			trailer.NewSource("acme/shop", commit, name, "other"), trailer.NewImage(name, repository, of), trailer.NewKept("kept", "kept-1", repository, of),
			trailer.NewValue(name, `values.yaml .core.tag`), trailer.NewRestored(commit), trailer.NewRollback(name, tag, "acme/shop", commit),
			trailer.NewHold(name, "newer"), trailer.NewLifted(name), trailer.NewPromoted(text, "acme/deployment", commit),
		)
		if from, sha, ok := list.SourceOf(name); ok != (commit != "") || sha != commit || from != "acme/shop" {
			t.Errorf("the source is %q, %q, %t", from, sha, ok)
		}
		if from, _, _ := list.SourceOf("stranger"); from != "" {
			t.Errorf("a component that is not named comes from %q", from)
		}
		if from, pinned := list.Image(name); from != "ghcr.io/acme/shop" || pinned != of || !list.Names(name) || !list.Deploys() {
			t.Errorf("the image is %s@%s", from, pinned)
		}
		if list.Names("kept") || !list.HasValue("values.yaml .core.tag") || list.HasValue(".core.tag") {
			t.Errorf("what is kept or listed is another\n%s", list)
		}
		if rejected, restored := list.RolledBack(); !slices.Equal(rejected, []component.Name{name}) || restored != commit {
			t.Errorf("%q was rejected, %q came back", rejected, restored)
		}
		if !slices.Equal(list.Held(), []component.Name{name}) || !slices.Equal(list.Lifted(), []component.Name{name}) || list.PromotedFrom() != text {
			t.Errorf("held %q, lifted %q, promoted from %q", list.Held(), list.Lifted(), list.PromotedFrom())
		}
	})
}

// Other versions read and wrote these very texts.
func TestValuesOfTrailers(t *testing.T) {
	repository, of, sha := imageref.Repository{Host: "ghcr.io", Path: "acme/shop"}, digest.FromString("core"), commitid.ID(strings.Repeat("0a", 20))
	at := "ghcr.io/acme/shop@" + of.String()
	for want, got := range map[string]trailer.Trailer{
		"Astrago-Source: acme/shop@" + string(sha):               trailer.NewSource("acme/shop", sha),
		"Astrago-Source: shop":                                   trailer.NewSource("shop", ""),
		"Astrago-Source: acme/shop@" + string(sha) + " core web": trailer.NewSource("acme/shop", sha, "core", "web"),
		"Astrago-Image: core " + at:                              trailer.NewImage("core", repository, of),
		"Astrago-Kept: core core-1 " + at:                        trailer.NewKept("core", "core-1", repository, of),
		"Astrago-Value: core values.yaml .a":                     trailer.NewValue("core", "values.yaml .a"),
		"Astrago-Rollback: core core-2 acme/shop@" + string(sha): trailer.NewRollback("core", "core-2", "acme/shop", sha),
		"Astrago-Rollback: core core-2":                          trailer.NewRollback("core", "core-2", "acme/shop", ""),
		"Astrago-Rollback: core":                                 trailer.NewRollback("core", "", "acme/shop", ""),
		"Astrago-Restored: " + string(sha):                       trailer.NewRestored(sha),
		"Astrago-Hold: core until newer":                         trailer.NewHold("core", "newer"),
		"Astrago-Lifted: core":                                   trailer.NewLifted("core"),
		"Astrago-Promoted: stage acme/deployment@" + string(sha): trailer.NewPromoted("stage", "acme/deployment", sha),
	} {
		if text := (trailer.List{got}).String(); text != want+"\n" {
			t.Errorf("%q, want %q", text, want)
		}
	}
	empty := trailer.List{}
	if rejected, restored := empty.RolledBack(); rejected != nil || restored != "" || empty.Held() != nil || len(empty.Lifted()) > 0 || empty.PromotedFrom() != "" || empty.Deploys() {
		t.Errorf("no trailer says something: %q, %q", rejected, restored)
	}
}
