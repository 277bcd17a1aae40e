package graph

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// gitFields are the fields that all git objects have.
func gitFields(c *github.Call, r *github.Repository, p github.Permissions, oid string) gql.Fields {
	return gql.Fields{
		"abbreviatedOid": gql.Value(oid[:7]),
		"commitUrl":      gql.Value(github.WebURL + r.Path() + "/commit/" + oid),
		"id":             gql.Value("GO_" + strconv.Itoa(r.ID) + "_" + oid),
		"oid":            gql.Value(oid),
		"repository": func(context.Context, gql.Args) (any, error) {
			return repositoryObject(c, r, p), nil
		},
	}
}

// gitObject resolves any git object, null where there is none.
func gitObject(c *github.Call, r *github.Repository, p github.Permissions, rev string) (any, error) {
	o, err := r.Git.Object(rev)
	if err != nil {
		return nil, absent(err)
	}
	switch o.Type {
	case bare.CommitType:
		commit, err := r.Git.Commit(o.OID)
		return commitObject(c, r, p, commit), err
	case bare.TreeType:
		return treeObject(c, r, p, o.OID), nil
	case bare.TagType:
		return tagObject(c, r, p, o), nil
	}
	return blobObject(c, r, p, o), nil
}

func treeObject(c *github.Call, r *github.Repository, p github.Permissions, oid string) gql.Object {
	fields := gitFields(c, r, p, oid)
	fields["entries"] = func(context.Context, gql.Args) (any, error) {
		_, entries, err := r.Git.Tree(oid, false)
		objects := make([]gql.Object, 0, len(entries))
		for _, entry := range entries {
			objects = append(objects, entryObject(c, r, p, entry))
		}
		return objects, err
	}
	return gql.Object{Type: "Tree", Fields: fields}
}

func entryObject(c *github.Call, r *github.Repository, p github.Permissions, entry bare.Entry) gql.Object {
	mode, _ := strconv.ParseInt(entry.Mode, 8, 32) // GitHub gives the number: 33188 is 100644
	return gql.Object{Type: "TreeEntry", Fields: gql.Fields{
		"mode": gql.Value(mode),
		"name": gql.Value(entry.Path[strings.LastIndexByte(entry.Path, '/')+1:]),
		"oid":  gql.Value(entry.OID),
		"path": gql.Value(entry.Path),
		"type": gql.Value(entry.Type()),
		"object": func(context.Context, gql.Args) (any, error) {
			return gitObject(c, r, p, entry.OID)
		},
		"size": func(context.Context, gql.Args) (any, error) {
			if entry.Type() != bare.BlobType {
				return 0, nil
			}
			o, err := r.Git.Object(entry.OID)
			return len(o.Data), err
		},
	}}
}

// textLimit is the length at which GitHub cuts Blob.text, in bytes. It is not documented; it was measured to the byte in
// https://github.com/sveltia/sveltia-cms/issues/950.
const textLimit = 512_000

func blobObject(c *github.Call, r *github.Repository, p github.Permissions, o bare.Object) gql.Object {
	fields := gitFields(c, r, p, o.OID)
	binary := isBinary(o.Data)
	fields["byteSize"] = gql.Value(len(o.Data))
	fields["isBinary"] = gql.Value(binary)
	fields["isTruncated"] = gql.Value(!binary && len(o.Data) > textLimit)
	fields["text"] = func(context.Context, gql.Args) (any, error) {
		if binary {
			return nil, nil
		}
		return text(o.Data), nil
	}
	return gql.Object{Type: "Blob", Fields: fields}
}

// isBinary is git's own guess: a NUL among the first 8000 bytes.
func isBinary(data []byte) bool {
	return bytes.IndexByte(data[:min(8000, len(data))], 0) >= 0
}

// text returns a blob as UTF-8, cut at the limit. Bytes of another encoding are replaced: clients notice because the text then does not
// have the blob's id.
func text(data []byte) string {
	if len(data) > textLimit {
		data = data[:textLimit]
		for len(data) > 0 && !utf8.RuneStart(data[len(data)-1]) {
			data = data[:len(data)-1]
		}
		if len(data) > 0 && data[len(data)-1] >= utf8.RuneSelf {
			data = data[:len(data)-1] // the first byte of a character that does not fit
		}
	}
	return strings.ToValidUTF8(string(data), "\uFFFD")
}

func tagObject(c *github.Call, r *github.Repository, p github.Permissions, o bare.Object) gql.Object {
	header, message, _ := strings.Cut(string(o.Data), "\n\n")
	target, name := "", ""
	for line := range strings.Lines(header) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch key {
		case "object":
			target = value
		case "tag":
			name = value
		}
	}
	fields := gitFields(c, r, p, o.OID)
	fields["message"] = gql.Value(message)
	fields["name"] = gql.Value(name)
	fields["target"] = func(context.Context, gql.Args) (any, error) { return gitObject(c, r, p, target) }
	return gql.Object{Type: "Tag", Fields: fields}
}
