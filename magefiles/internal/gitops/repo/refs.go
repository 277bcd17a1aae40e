package repo

import (
	"context"
	"errors"
	"net/http"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
)

const updateRefsMutation = `mutation UpdateRefs($input: UpdateRefsInput!) {
  updateRefs(input: $input) { clientMutationId }
}`

// RefUpdate is a RefUpdate of GitHub's schema. All updates of one mutation happen, or none.
type RefUpdate struct {
	Name      string      `json:"name"`
	BeforeOID commitid.ID `json:"beforeOid,omitempty"` // what it must point to; commitid.Null: it must not exist; empty: anything
	AfterOID  commitid.ID `json:"afterOid"`            // commitid.Null: delete it
	Force     bool        `json:"force"`
}

// ErrNoRef says that there is no such branch.
var ErrNoRef = errors.New("no such branch")

// UpdateRefs is the mutation of that name, see https://docs.github.com/en/graphql/reference/git#mutation-updaterefs.
func (s *Store) UpdateRefs(ctx context.Context, at *Snapshot, updates ...RefUpdate) error {
	var answer struct{}
	return s.GitHub(at).Mutate(ctx, updateRefsMutation, map[string]any{
		"input": map[string]any{"repositoryId": at.nodeID, "refUpdates": updates},
	}, &answer)
}

// HeadOf reads where a branch of a snapshot's repository is; ErrNoRef where there is none.
func (s *Store) HeadOf(ctx context.Context, at *Snapshot, branch string) (commitid.ID, error) {
	client := s.GitHub(at)
	owner, name := github.SplitRepository(at.Repository)
	ref, res, err := client.REST().Git.GetRef(ctx, owner, name, "heads/"+branch)
	err = client.Refusal(res, err)
	if github.HasStatus(err, http.StatusNotFound) {
		return "", ErrNoRef
	}
	return commitid.ID(ref.GetObject().GetSHA()), err
}
