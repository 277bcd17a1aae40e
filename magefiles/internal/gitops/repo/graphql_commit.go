package repo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
)

const commitMutation = `mutation Commit($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) {
    commit { oid url committedDate author { name } }
  }
}`

type commitAnswer struct {
	CreateCommitOnBranch *struct {
		Commit *struct {
			OID           commitid.ID `json:"oid"`
			URL           string      `json:"url"`
			CommittedDate time.Time   `json:"committedDate"`
			Author        struct{ Name string }
		} `json:"commit"`
	} `json:"createCommitOnBranch"`
}

func (g *graphqlBackend) commit(ctx context.Context, s *Snapshot, files []File, m Message) (Commit, error) {
	var answer commitAnswer
	err := g.client.Mutate(ctx, commitMutation, map[string]any{"input": commitInput(s, files, m)}, &answer)
	if payload := answer.CreateCommitOnBranch; payload != nil && payload.Commit != nil && payload.Commit.OID != "" {
		made := payload.Commit // an error beside it concerns a field of the answer, the commit stands
		return Commit{SHA: made.OID, URL: made.URL, Time: made.CommittedDate, Author: made.Author.Name, Message: m.String()}, nil
	}
	switch {
	case err == nil:
		return Commit{}, fmt.Errorf("%w: it names no commit", ErrUncertain)
	case isStale(err):
		return Commit{}, ErrStale
	case github.IsUncertain(err):
		return Commit{}, fmt.Errorf("%w: %w", ErrUncertain, err)
	}
	return Commit{}, diagnosis.Explain(err, s.Deployment(), "committing to")
}

// commitInput is a CreateCommitOnBranchInput. It has no empty lists: a null one makes GitHub fail inside. Contents become
// base64, as []byte does in JSON.
func commitInput(s *Snapshot, files []File, m Message) map[string]any {
	type addition struct {
		Path     string `json:"path"`
		Contents []byte `json:"contents"`
	}
	changes := map[string]any{}
	var additions []addition
	var deletions []map[string]string
	for _, f := range files {
		if f.Delete {
			deletions = append(deletions, map[string]string{"path": f.Path})
			changes["deletions"] = deletions
			continue
		}
		additions = append(additions, addition{Path: f.Path, Contents: f.Bytes})
		changes["additions"] = additions
	}
	return map[string]any{
		"branch":          map[string]string{"repositoryNameWithOwner": s.Repository, "branchName": s.Branch},
		"expectedHeadOid": s.Head,
		"message":         map[string]string{"headline": m.Headline, "body": m.Body},
		"fileChanges":     changes,
	}
}

// isStale recognises a lost compare-and-swap by its type, and by the texts of today's and of older servers.
func isStale(err error) bool {
	list, ok := errors.AsType[github.GraphQLErrors](err)
	if !ok {
		return false
	}
	text := list.Error()
	return list.Has("STALE_DATA") || strings.Contains(text, "Expected branch to point to") || saysMoved(text)
}

// saysMoved recognises the text of a reference's update that was overtaken, which any interface may quote.
func saysMoved(text string) bool {
	return strings.Contains(text, "is at ") && strings.Contains(text, "but expected ")
}
