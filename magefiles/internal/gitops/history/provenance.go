package history

import (
	"context"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// TagQuery is a tag whose origin is looked for.
type TagQuery struct {
	Component component.Name
	Tag       string
}

// Provenance is a bump's record of the image under a tag.
type Provenance struct {
	TagQuery
	Commit repo.Commit   // of the deployment repository; zero where none is known
	SHA    commitid.ID   // commit of the application repository, whole
	Digest digest.Digest // of the image, when it was deployed
}

// Provenances finds for each tag the newest bump of its component that set it, from a snapshot back to the beginning if need be. expected
// returns the tag that a commit of the application has, "" where that is not known: then the digits at the tag's end decide. A tag that no
// bump left a trailer of has an Origin without a commit.
func (f Finder) Provenances(
	ctx context.Context, s *repo.Snapshot, d plan.Deployment, application, environment string, wanted []TagQuery,
	expected func(name component.Name, sha commitid.ID) string,
) ([]Provenance, error) {
	origins := make([]Provenance, len(wanted))
	for i, w := range wanted {
		origins[i].TagQuery = w
	}
	open := len(wanted)
	err := f.walker.History(ctx, s, d, false, func(at *repo.Snapshot) (bool, error) {
		commit := at.History[0]
		trailers := commit.Trailers()
		if trailers.Get(trailer.Environment) != environment {
			return open > 0, nil
		}
		for i, o := range origins {
			repository, sha, _ := trailers.SourceOf(o.Component)
			_, digest := trailers.Image(o.Component)
			if o.SHA == "" && f.IsSelf(application, repository) && digest != "" && o.isTagOf(sha, expected(o.Component, sha)) {
				origins[i].Commit, origins[i].SHA, origins[i].Digest = commit, sha, digest
				open--
			}
		}
		return open > 0, nil
	})
	return origins, err
}

// isTagOf reports whether the tag is the one of a commit.
func (w TagQuery) isTagOf(sha commitid.ID, expected string) bool {
	if sha == "" || expected == w.Tag {
		return sha != ""
	}
	end := edit.CommitInTag(w.Tag)
	return expected == "" && (end == "" || end.Abbreviates(sha))
}

// ProvenanceOf is the origin of a component's tag among those found.
func ProvenanceOf(origins []Provenance, name component.Name, tag string) Provenance {
	if i := slices.IndexFunc(origins, func(o Provenance) bool { return o.Component == name && o.Tag == tag }); i >= 0 {
		return origins[i]
	}
	return Provenance{TagQuery: TagQuery{Component: name, Tag: tag}}
}

// Names reports whether the bump that the origin is of set this tag: the tag is the one of the bump's source, its message
// says so, or, where expected is "" because it is not known, its digits are the source's.
func (o Provenance) Names(tag, expected string) bool {
	return slices.Contains(o.Commit.Changes()[o.Component], tag) || TagQuery{Component: o.Component, Tag: tag}.isTagOf(o.SHA, expected)
}
