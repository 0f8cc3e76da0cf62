package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// maxIndexed is the size in bytes past which a file is not indexed: what people write is smaller, and what machines
// write names everything.
const maxIndexed = 1 << 20

// shards is into how many parts the index is cut, by the hashes' upper bits, to be sorted apart.
const shards = 16

// index says which files hold a token. Each shard is a sorted list of hash<<fileBits | file.
type index struct {
	paths  []string
	shards [shards][]uint64
}

// indexed are the files that people write and that can be read as text; the rest is left out by its path.
func indexed(p string) bool {
	base := path.Base(p)
	switch {
	case lockFiles[base], strings.Contains(base, ".min."), strings.Contains(base, ".pb."), strings.HasSuffix(base, "_pb2.py"):
		return false
	case machineEndings[strings.ToLower(path.Ext(base))]:
		return false
	}
	for folder := range strings.SplitSeq(path.Dir(p), "/") {
		if vendored[folder] {
			return false
		}
	}
	return true
}

var (
	vendored = words(`vendor node_modules third_party bower_components .venv venv site-packages Pods .yarn .pnpm __pycache__
		.terraform Godeps`)
	lockFiles = words(`package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock go.sum Cargo.lock poetry.lock
		uv.lock Pipfile.lock pdm.lock composer.lock Gemfile.lock packages.lock.json gradle.lockfile flake.lock mix.lock`)
	machineEndings = words(`.png .jpg .jpeg .gif .webp .ico .icns .bmp .tiff .psd .pdf .zip .gz .tgz .bz2 .xz .zst .7z .rar .jar
		.war .class .so .dll .dylib .exe .o .a .wasm .woff .woff2 .ttf .otf .eot .mp3 .mp4 .mov .avi .webm .ogg .wav .flac
		.sqlite .db .parquet .bin .dat .pyc .map .snap.gz .lottie .svg`)
)

// isText says whether a file's content was written by people: no NUL byte, no generator's mark, no endless lines.
func isText(text []byte) bool {
	head := text[:min(len(text), 8000)]
	if bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	mark := head[:min(len(head), 1000)]
	if bytes.Contains(mark, []byte("Code generated")) && bytes.Contains(mark, []byte("DO NOT EDIT")) ||
		bytes.Contains(mark, []byte("@"+"generated")) {
		return false
	}
	return len(text) < 20_000 || bytes.Count(text, []byte("\n")) > len(text)/1000
}

// buildIndex reads the work tree's files once, in parallel.
func (s *Source) buildIndex(ctx context.Context) (*index, error) {
	all, err := s.branch.HeadPaths()
	if err != nil {
		return nil, err
	}
	x := &index{paths: slices.DeleteFunc(slices.Clone(all), func(p string) bool { return !indexed(p) })}
	root, err := os.OpenRoot(s.branch.Root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // it was only read
	var parts [shards]struct {
		sync.Mutex
		pairs []uint64
	}
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			var batch [shards][]uint64
			flush := func(i int) {
				parts[i].Lock()
				parts[i].pairs = append(parts[i].pairs, batch[i]...)
				parts[i].Unlock()
				batch[i] = batch[i][:0]
			}
			set, buffer := newSeen(), make([]byte, 0, maxIndexed)
			for {
				n := int(next.Add(1)) - 1
				if n >= len(x.paths) || ctx.Err() != nil {
					break
				}
				text, err := s.readText(root, x.paths[n], buffer)
				if err != nil || !isText(text) {
					continue
				}
				set.clear()
				tokens(text, func(hash uint64) {
					if set.add(hash) {
						i := hash >> (hashBits - 4)
						batch[i] = append(batch[i], hash<<fileBits|uint64(n)) //nolint:gosec // an index
					}
				})
				for i := range batch {
					if len(batch[i]) > 1<<12 {
						flush(i)
					}
				}
			}
			for i := range batch {
				flush(i)
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	group, _ = errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range parts {
		group.Go(func() error {
			slices.Sort(parts[i].pairs)
			x.shards[i] = slices.Clip(parts[i].pairs)
			return nil
		})
	}
	return x, group.Wait()
}

var errTooLarge = errors.New("too large to index")

// readText reads a file of the work tree into the buffer, which is used again for the next; links are not followed
// out of the tree, and what is not checked out comes from git.
func (s *Source) readText(root *os.Root, p string, buffer []byte) ([]byte, error) {
	f, err := root.Open(p)
	if errors.Is(err, fs.ErrNotExist) {
		return s.branch.ReadHead(p)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxIndexed:
		return nil, errTooLarge
	}
	buffer = buffer[:info.Size()]
	n, err := io.ReadFull(f, buffer)
	return buffer[:n], err
}

// files are the numbers of the files that hold the token, in ascending order.
func (x *index) files(token string) []int {
	var hash uint64
	tokens([]byte(token), func(h uint64) { hash = h })
	pairs := x.shards[hash>>(hashBits-4)]
	from, _ := slices.BinarySearch(pairs, hash<<fileBits)
	var list []int
	for _, pair := range pairs[from:] {
		if pair>>fileBits != hash {
			break
		}
		list = append(list, int(pair&(1<<fileBits-1))) //nolint:gosec // 24 bits
	}
	return list
}
