package repo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// historyQuery asks for a page of one file's commits, and for all files at each of them: so one request sees a page of
// states.
func historyQuery(s *Snapshot, d plan.Deployment, l fileLine, contents bool) (document string, variables map[string]any) {
	owner, name := github.SplitRepository(s.Repository)
	variables = map[string]any{"owner": owner, "name": name, "head": s.Head, "path": l.path, "first": pageDepth}
	if l.after != "" {
		variables["after"] = l.after
	}
	var parameters, fields strings.Builder
	if contents {
		for i, f := range d.Files {
			variables[fmt.Sprintf("path%d", i)] = f.Path
			fmt.Fprintf(&parameters, ", $path%d: String!", i)
			fmt.Fprintf(&fields, "\n            file%[1]d: file(path: $path%[1]d) { type mode object { ... on Blob { oid text } } }", i)
		}
	}
	return fmt.Sprintf(`query ReadHistory(
  $owner: String!, $name: String!, $head: GitObjectID!, $path: String!, $first: Int!, $after: String%s
) {
  repository(owner: $owner, name: $name) {
    object(oid: $head) {
      ... on Commit {
        history(first: $first, after: $after, path: $path) {
          pageInfo { endCursor hasNextPage }
          nodes { oid url committedDate author { name } message%s
          }
        }
      }
    }
  }
}`, parameters.String(), fields.String()), variables
}

type pageAnswer struct {
	Repository *struct {
		Object *struct {
			History struct {
				PageInfo struct {
					EndCursor   string `json:"endCursor"`
					HasNextPage bool   `json:"hasNextPage"`
				} `json:"pageInfo"`
				Nodes []pageNode `json:"nodes"`
			} `json:"history"`
		} `json:"object"`
	} `json:"repository"`
}

// pageNode is a commit with the entries of the files, whose aliases depend on their number.
type pageNode struct {
	nodeAnswer
	entries targetAnswer
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *pageNode) UnmarshalJSON(data []byte) error {
	return errors.Join(json.Unmarshal(data, &n.nodeAnswer), json.Unmarshal(data, &n.entries))
}

func (g *graphqlBackend) historyPage(ctx context.Context, s *Snapshot, d plan.Deployment, l fileLine, contents bool) (fileLine, error) {
	document, variables := historyQuery(s, d, l, contents)
	var answer pageAnswer
	if err := g.client.Query(ctx, document, variables, &answer); err != nil && !github.OnlyMissing(err) {
		return l, diagnosis.Explain(err, d, "reading the history of")
	}
	if answer.Repository == nil || answer.Repository.Object == nil {
		return l, diagnosis.NoRepository(d, g.client.Identity())
	}
	history := answer.Repository.Object.History
	for _, node := range history.Nodes {
		at, err := s.atNode(node, d, contents)
		if err != nil {
			return l, err
		}
		l.ahead = append(l.ahead, at)
	}
	l.after, l.ended = history.PageInfo.EndCursor, !history.PageInfo.HasNextPage
	return l, nil
}

// atNode keeps the entries of the files for contents, which may have to ask for what GraphQL cannot carry.
func (s *Snapshot) atNode(node pageNode, d plan.Deployment, contents bool) (at *Snapshot, err error) {
	at = s.atCommit(node.commit())
	if !contents {
		return at, nil
	}
	at.entries = map[string]*entryAnswer{}
	for i, f := range d.Files {
		if at.entries[f.Path], err = decodeField[*entryAnswer](node.entries, fmt.Sprintf("file%d", i)); err != nil {
			return nil, err
		}
	}
	return at, nil
}

func (g *graphqlBackend) contents(ctx context.Context, at *Snapshot, d plan.Deployment) error {
	for _, f := range d.Files {
		data, err := g.readBlob(ctx, at, at.entries[f.Path], f.Path)
		if refused := problem.As(err); refused != nil && refused.Status == problem.Refused {
			continue // it was not there then, or no file
		}
		if err != nil {
			return err
		}
		at.Files[f.Path] = data
	}
	return nil
}
