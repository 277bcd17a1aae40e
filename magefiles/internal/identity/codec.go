package identity

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Encode returns the tree compressed, to be stored beside the image.
func (t Tree) Encode() ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	err := json.NewEncoder(w).Encode(t.withFiles())
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, fmt.Errorf("encoding what an image is made of: %w", err)
	}
	return out.Bytes(), nil
}

// withFiles returns the tree with the files of its build contexts.
func (t Tree) withFiles() Tree {
	platforms := make(map[string]Platform, len(t.Platforms))
	for id, p := range t.Platforms {
		p.Ops = slices.Clone(p.Ops)
		for i, op := range p.Ops {
			p.Ops[i].Files = op.listFiles()
		}
		platforms[id] = p
	}
	t.Platforms = platforms
	return t
}

// maxTree bounds a decoded tree, in bytes: it comes from a registry.
const maxTree = 256 << 20

// Decode reads what Encode returned.
func Decode(data []byte) (t Tree, err error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err == nil {
		err = json.NewDecoder(io.LimitReader(r, maxTree)).Decode(&t)
	}
	if err != nil {
		return Tree{}, fmt.Errorf("decoding what an image is made of: %w", err)
	}
	return t, nil
}
