package graph

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// absent turns git's ErrMissing into a null.
func absent(err error) error {
	if errors.Is(err, bare.ErrMissing) {
		return nil
	}
	return err
}

// resolveRepository is Query.repository.
func resolveRepository(_ context.Context, c *github.Call, args gql.Args) (any, error) {
	r, p, err := visibleRepository(c, args.Text("owner")+"/"+args.Text("name"))
	if err != nil {
		return nil, err
	}
	return repositoryObject(c, r, p), nil
}

// visibleRepository finds a repository that the token may see.
func visibleRepository(c *github.Call, name string) (*github.Repository, github.Permissions, error) {
	r, p, visible := c.Visible(name)
	if !visible {
		return nil, p, &gql.Fault{Type: "NOT_FOUND", Message: "Could not resolve to a Repository with the name '" + name + "'."}
	}
	return r, p, nil
}

func repositoryObject(c *github.Call, r *github.Repository, p github.Permissions) gql.Object {
	return gql.Object{Type: "Repository", Fields: gql.Fields{
		"autoMergeAllowed":    gql.Value(true),
		"databaseId":          gql.Value(r.ID),
		"deleteBranchOnMerge": gql.Value(false),
		"id":                  gql.Value(r.NodeID()),
		"isArchived":          gql.Value(false),
		"isPrivate":           gql.Value(true),
		"mergeCommitAllowed":  gql.Value(true),
		"name":                gql.Value(r.Name),
		"nameWithOwner":       gql.Value(r.Path()),
		"owner": gql.Value(gql.Object{Type: "Organization", Fields: gql.Fields{
			"id": gql.Value("O_" + r.Owner), "login": gql.Value(r.Owner), "url": gql.Value(github.WebURL + r.Owner),
		}}),
		"rebaseMergeAllowed": gql.Value(false),
		"squashMergeAllowed": gql.Value(true),
		"url":                gql.Value(github.WebURL + r.Path()),
		"viewerPermission":   gql.Value(roleOf(p)),
		"defaultBranchRef": func(context.Context, gql.Args) (any, error) {
			return refObject(c, r, p, "refs/heads/"+r.Branch)
		},
		"deployments": func(_ context.Context, args gql.Args) (any, error) {
			return environmentDeployments(c, r, p, args)
		},
		"ref": func(_ context.Context, args gql.Args) (any, error) {
			return refObject(c, r, p, args.Text("qualifiedName"))
		},
		"object": func(_ context.Context, args gql.Args) (any, error) {
			return expressionObject(c, r, p, args)
		},
	}}
}

// refObject resolves a name as GitHub does: a full one exactly, a short one as a branch, then as a tag.
func refObject(c *github.Call, r *github.Repository, p github.Permissions, name string) (any, error) {
	names := []string{name}
	if !strings.HasPrefix(name, "refs/") {
		names = []string{"refs/heads/" + name, "refs/tags/" + name}
	}
	for _, full := range names {
		sha, err := github.ResolveRef(c, r, full)
		if errors.Is(err, bare.ErrMissing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return foundRef(c, r, p, full, sha), nil
	}
	return nil, nil
}

func foundRef(c *github.Call, r *github.Repository, p github.Permissions, full, sha string) gql.Object {
	prefix, name := "refs/heads/", strings.TrimPrefix(full, "refs/heads/")
	if name == full {
		prefix, name = "refs/tags/", strings.TrimPrefix(full, "refs/tags/")
	}
	return gql.Object{Type: "Ref", Fields: gql.Fields{
		"id":         gql.Value("REF_" + strconv.Itoa(r.ID) + "_" + full),
		"name":       gql.Value(name),
		"prefix":     gql.Value(prefix),
		"repository": gql.Value(repositoryObject(c, r, p)),
		"target": func(context.Context, gql.Args) (any, error) {
			return gitObject(c, r, p, sha)
		},
		"refUpdateRule": func(context.Context, gql.Args) (any, error) { // what everyone sees of the next
			if prefix != "refs/heads/" || r.Protected(name) != github.BranchRule {
				return nil, nil
			}
			return gql.Object{Type: "RefUpdateRule", Fields: gql.Fields{
				"pattern": gql.Value(name), "requiredApprovingReviewCount": gql.Value(1), "viewerCanPush": gql.Value(false),
			}}, nil
		},
		"branchProtectionRule": func(context.Context, gql.Args) (any, error) {
			if prefix != "refs/heads/" || r.Protected(name) != github.BranchRule {
				return nil, nil // a ruleset does not show here
			}
			return gql.Object{Type: "BranchProtectionRule", Fields: gql.Fields{
				"id": gql.Value("BPR_" + name), "isAdminEnforced": gql.Value(true), "pattern": gql.Value(name),
				"requiresApprovingReviews": gql.Value(true),
			}}, nil
		},
	}}
}

// expressionObject is Repository.object: an object id, or a revision expression such as "main:dir/file".
func expressionObject(c *github.Call, r *github.Repository, p github.Permissions, args gql.Args) (any, error) {
	if oid := args.Text("oid"); oid != "" {
		return gitObject(c, r, p, oid)
	}
	rev, path, inTree := strings.Cut(args.Text("expression"), ":")
	commit, err := c.Commit(r, rev)
	if err != nil {
		return nil, absent(err)
	}
	if inTree {
		return gitObject(c, r, p, commit.OID+":"+path)
	}
	return gitObject(c, r, p, commit.OID)
}

// roleOf is the viewer's permission, null for an App.
func roleOf(p github.Permissions) any {
	if role := p.UserRole(); role != "" {
		return role
	}
	return nil
}
