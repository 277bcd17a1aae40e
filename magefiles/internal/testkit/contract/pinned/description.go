package pinned

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// The descriptions of GitHub's interfaces that its own client library is generated from, with the SHA-256 of the one
// file that is taken of each.
const (
	openAPIName    = "@octokit/openapi"
	openAPIVersion = "23.0.2"
	openAPIFile    = "package/generated/api.github.com.json"
	openAPISum     = "829b4bebb19a53133289f7b0bc819f4f1118115821db2ca9f25e9ee995a7da2a"

	graphQLName    = "@octokit/graphql-schema"
	graphQLVersion = "15.26.1"
	graphQLFile    = "package/" + graphQLBase
	graphQLBase    = "schema.graphql"
	graphQLSum     = "3c62d0526d133cee53221c89de9b455ade24db78b9e7ad56d642c4c15bce2654"
)

// openAPIBase is the trimmed file's name: another way to trim is another file.
func openAPIBase() string { return "api.github.com-" + recipe() + ".json" }

// fetchOpenAPI keeps the trimmed description only: the package has 385 MB, the trimmed file is read in a tenth of a second.
func fetchOpenAPI(ctx context.Context, dir string) error {
	full, err := fetchFile(ctx, dir, openAPIName, openAPIVersion, openAPIFile, openAPISum)
	if err != nil {
		return err
	}
	trimmed, err := trim(full)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, openAPIBase()), trimmed, 0o644)
}

func fetchGraphQL(ctx context.Context, dir string) error {
	schema, err := fetchFile(ctx, dir, graphQLName, graphQLVersion, graphQLFile, graphQLSum)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, graphQLBase), schema, 0o644)
}

// fetchFile returns one file of a package.
func fetchFile(ctx context.Context, dir, name, version, path, sum string) ([]byte, error) {
	archive, err := pack(ctx, dir, name, version)
	if err != nil {
		return nil, err
	}
	archive = filepath.Join(dir, archive)
	defer os.Remove(archive)
	file, err := os.Open(archive)
	if err != nil {
		return nil, fmt.Errorf("opening what npm packed: %w", err)
	}
	defer file.Close()
	return extract(file, path, sum)
}

// extract finds a file in a package's archive and holds it against its digest.
func extract(archive io.Reader, path, sum string) ([]byte, error) {
	unzipped, err := gzip.NewReader(archive)
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	entries := tar.NewReader(unzipped)
	for {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("unpacking: the package has no file %q", path)
		}
		if err != nil {
			return nil, fmt.Errorf("unpacking: %w", err)
		}
		if entry.Name != path {
			continue
		}
		content, err := io.ReadAll(entries)
		if err != nil {
			return nil, fmt.Errorf("unpacking %q: %w", path, err)
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != sum {
			return nil, problem.New(problem.Refused, "", "checking %q: its SHA-256 is %x, pinned is %s", path, got, sum)
		}
		return content, nil
	}
}
