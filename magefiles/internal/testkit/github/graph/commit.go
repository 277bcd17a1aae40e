package graph

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

func commitObject(c *github.Call, r *github.Repository, p github.Permissions, commit bare.Commit) gql.Object {
	headline, body, _ := strings.Cut(commit.Message, "\n")
	fields := gitFields(c, r, p, commit.OID)
	fields["author"] = gql.Value(actorObject(commit.Author))
	fields["authoredDate"] = gql.Value(github.Stamp(commit.Author.When))
	fields["committedDate"] = gql.Value(github.Stamp(commit.Committer.When))
	fields["committer"] = gql.Value(actorObject(commit.Committer))
	fields["message"] = gql.Value(commit.Message)
	fields["messageHeadline"] = gql.Value(headline)
	fields["messageBody"] = gql.Value(strings.TrimSpace(body))
	fields["treeUrl"] = gql.Value(github.WebURL + r.Path() + "/tree/" + commit.OID)
	fields["url"] = gql.Value(github.WebURL + r.Path() + "/commit/" + commit.OID)
	fields["file"] = func(_ context.Context, args gql.Args) (any, error) {
		entry, err := r.Git.Lookup(commit.OID, args.Text("path"))
		if err != nil {
			return nil, absent(err)
		}
		return entryObject(c, r, p, entry), nil
	}
	fields["history"] = func(ctx context.Context, args gql.Args) (any, error) {
		return commitHistory(ctx, c, r, p, commit.OID, args)
	}
	fields["parents"] = func(_ context.Context, args gql.Args) (any, error) {
		first, err := pageSize("parents", args)
		if err != nil {
			return nil, err
		}
		nodes, err := commitObjects(c, r, p, commit.Parents[:min(first, len(commit.Parents))])
		return gql.Object{Type: "CommitConnection", Fields: gql.Fields{
			"nodes": gql.Value(nodes), "totalCount": gql.Value(len(commit.Parents)),
		}}, err
	}
	fields["tree"] = func(context.Context, gql.Args) (any, error) { return gitObject(c, r, p, commit.Tree) }
	return gql.Object{Type: "Commit", Fields: fields}
}

func commitObjects(c *github.Call, r *github.Repository, p github.Permissions, ids []string) ([]gql.Object, error) {
	nodes := make([]gql.Object, 0, len(ids))
	for _, id := range ids {
		commit, err := r.Git.Commit(id)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, commitObject(c, r, p, commit))
	}
	return nodes, nil
}

// commitHistory is Commit.history. A cursor is the commit that the history starts from and the offset of the node in it.
func commitHistory(
	ctx context.Context,
	c *github.Call, r *github.Repository, p github.Permissions, from string, args gql.Args,
) (any, error) {
	first, err := pageSize("history", args)
	if err != nil {
		return nil, err
	}
	skip := 0
	if after := args.Text("after"); after != "" {
		_, offset, _ := strings.Cut(after, " ")
		last, err := strconv.Atoi(offset)
		if err != nil {
			text := fmt.Sprintf("`%s` does not appear to be a valid cursor.", after)
			return nil, &gql.Fault{Type: "INVALID_CURSOR_ARGUMENTS", Message: text}
		}
		skip = last + 1
	}
	walk := bare.Walk{
		From: from, Path: args.Text("path"), Since: github.ParseStamp(args.Text("since")), Until: github.ParseStamp(args.Text("until")),
	}
	page := walk
	page.Skip, page.Limit = skip, first+1 // one more tells whether there is a next page
	ids, err := r.Git.History(ctx, page)
	if err != nil {
		return nil, err
	}
	shown := ids[:min(first, len(ids))]
	nodes, err := commitObjects(c, r, p, shown)
	return gql.Object{Type: "CommitHistoryConnection", Fields: gql.Fields{
		"nodes":    gql.Value(nodes),
		"pageInfo": gql.Value(pageInfo(from, skip, len(shown), len(ids) > len(shown))),
		"totalCount": func(ctx context.Context, _ gql.Args) (any, error) {
			all, err := r.Git.History(ctx, walk)
			return len(all), err
		},
	}}, err
}

func pageInfo(from string, skip, shown int, more bool) gql.Object {
	var start, end any
	if shown > 0 {
		start, end = fmt.Sprintf("%s %d", from, skip), fmt.Sprintf("%s %d", from, skip+shown-1)
	}
	return gql.Object{Type: "PageInfo", Fields: gql.Fields{
		"startCursor": gql.Value(start), "endCursor": gql.Value(end),
		"hasNextPage": gql.Value(more), "hasPreviousPage": gql.Value(skip > 0),
	}}
}

// pageSize is the first argument of a connection, within GitHub's limits:
// https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#node-limit.
func pageSize(connection string, args gql.Args) (int, error) {
	first, given := args.Int("first")
	switch {
	case !given:
		return 0, &gql.Fault{Type: "MISSING_PAGINATION_BOUNDARIES", Message: fmt.Sprintf(
			"You must provide a `first` or `last` value to properly paginate the `%s` connection.", connection)}
	case first > 100:
		return 0, &gql.Fault{Type: "EXCESSIVE_PAGINATION", Message: fmt.Sprintf(
			"Requesting %d records on the `%s` connection exceeds the `first` limit of 100 records.", first, connection)}
	}
	return max(0, first), nil
}

func actorObject(who bare.Person) gql.Object {
	return gql.Object{Type: "GitActor", Fields: gql.Fields{
		"date": gql.Value(who.When.Format(time.RFC3339)), "email": gql.Value(who.Email), "name": gql.Value(who.Name),
	}}
}
