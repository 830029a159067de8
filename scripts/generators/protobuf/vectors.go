package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// vector is an object as a client sends it, and what Go makes of it: the answers of a reader's test.
type vector struct {
	Protobuf []byte          `json:"protobuf"`
	JSON     json.RawMessage `json:"json"`
}

// makeVectors gives objects of each kind: one that is empty, one with every field, one with some of them,
// one of two messages one after the other, which a reader has to merge.
func makeVectors(kinds []bodyKind) []vector {
	var vectors []vector
	for _, kind := range kinds {
		empty, full, some, more := kind.fill(0), kind.fill(1), kind.fill(0.3), kind.fill(0.2)
		for _, raw := range [][]byte{empty, full, some, append(some, more...)} {
			vectors = append(vectors, kind.vector(raw))
		}
	}
	return vectors
}

// fill gives an object's message without its envelope.
func (kind bodyKind) fill(chance float64) []byte {
	seed := fnv.New64()
	fmt.Fprint(seed, kind, chance)
	f := filler{rand.New(rand.NewPCG(seed.Sum64(), 0)), chance}
	object := reflect.New(kind.goType)
	f.fill(object.Elem(), 0)
	raw, err := object.Interface().(interface{ Marshal() ([]byte, error) }).Marshal()
	if err != nil {
		panic(err)
	}
	return raw
}

// vector has Go read the message of an object.
func (kind bodyKind) vector(raw []byte) vector {
	unknown := &runtime.Unknown{Raw: raw}
	unknown.APIVersion, unknown.Kind = kind.ToAPIVersionAndKind()
	known := knownTypes()
	serializer := protobuf.NewSerializer(known, known)
	var sent bytes.Buffer
	if err := serializer.Encode(unknown, &sent); err != nil {
		panic(err)
	}
	object, _, err := serializer.Decode(sent.Bytes(), nil, nil)
	if err != nil {
		panic(err)
	}
	object.GetObjectKind().SetGroupVersionKind(kind.GroupVersionKind)
	text, err := json.Marshal(object)
	if err != nil {
		panic(fmt.Sprintf("%v: %v", kind, err))
	}
	return vector{sent.Bytes(), text}
}

// filler sets each field of an object by that chance.
type filler struct {
	*rand.Rand
	chance float64
}

// Schemas stand in schemas.
const deepest = 12

func (f filler) fill(value reflect.Value, depth int) {
	if f.special(value, depth) {
		return
	}
	switch value.Kind() {
	case reflect.String:
		value.SetString(f.text())
	case reflect.Bool:
		value.SetBool(f.chance == 1 || f.IntN(2) == 1)
	case reflect.Int32:
		value.SetInt(int64(pick(f, 0, 1, -1, 80, math.MaxInt32, math.MinInt32)))
	case reflect.Int64:
		value.SetInt(pick[int64](f, 0, 1, -1, 300, 1<<53+1, math.MaxInt64, math.MinInt64))
	case reflect.Float64:
		value.SetFloat(pick(f, 0, 1.5, -2, 1e300))
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		f.fill(value.Elem(), depth)
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), f.several(), 2))
		for index := range value.Len() {
			f.fill(value.Index(index), depth)
		}
	case reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
		for range f.several() {
			key, item := reflect.New(value.Type().Key()).Elem(), reflect.New(value.Type().Elem()).Elem()
			key.SetString(f.text())
			f.fill(item, depth)
			value.SetMapIndex(key, item)
		}
	case reflect.Struct:
		for index := range value.NumField() {
			field := value.Field(index)
			if field.Type() == reflect.TypeFor[metav1.TypeMeta]() || depth > deepest {
				continue
			}
			if f.Float64() < f.chance {
				f.fill(field, depth+1)
			}
		}
	case reflect.Uint8:
		value.SetUint(uint64(f.IntN(256)))
	default:
		panic(fmt.Sprintf("%v: how is it filled?", value.Type()))
	}
}

// several is how many a list or a map has; one where all fields are there, which is much already.
func (f filler) several() int {
	if f.chance == 1 {
		return 1
	}
	return 1 + f.IntN(2)
}

func pick[T any](f filler, values ...T) T {
	return values[f.IntN(len(values))]
}

func (f filler) text() string {
	if f.chance < 1 && f.IntN(8) == 0 {
		return pick(f, "", "ü", "日\n\"", "\x00", "\ufeff😀", "__proto__", "toString", strings.Repeat("x", 200))
	}
	return fmt.Sprint("t", f.IntN(100))
}

// special fills what is no plain struct.
func (f filler) special(value reflect.Value, depth int) bool {
	raw := []byte(pick(f, `{"a":[1,{"b":null}]}`, `{"serial":9007199254740993}`, `{"f:metadata":{".":{}}}`))
	switch to := value.Addr().Interface().(type) {
	case *resource.Quantity:
		*to = resource.MustParse(pick(f, "0", "1", "500m", "2Gi", "1e3", "-4", "123456789012345678901234567890"))
	case *metav1.Time:
		*to = metav1.Unix(pick[int64](f, 0, 1, -1, 1<<31, 1_700_000_000, -62135596800, 253402300799), 0)
	case *metav1.MicroTime:
		*to = metav1.MicroTime{Time: time.Unix(pick[int64](f, 0, 1_700_000_000), int64(f.IntN(1e9)))}
	case *intstr.IntOrString:
		*to = pick(f, intstr.FromInt32(0), intstr.FromInt32(-3), intstr.FromString("25%"), intstr.FromString(""))
	case *metav1.FieldsV1:
		to.SetRawBytes(raw)
	case *runtime.RawExtension:
		to.Raw = raw
	case *apiextensionsv1.JSON:
		to.Raw = raw
	case *apiextensionsv1beta1.JSON:
		to.Raw = raw
	case *apiextensionsv1.JSONSchemaPropsOrStringArray:
		f.either(value, depth)
	case *apiextensionsv1beta1.JSONSchemaPropsOrStringArray:
		f.either(value, depth)
	case *apiextensionsv1.JSONSchemaProps, *apiextensionsv1beta1.JSONSchemaProps:
		// Forty fields, of which half are schemas again: a few of them go deep.
		few := filler{f.Rand, f.chance / (1 + float64(depth)/2)}
		for index := range value.NumField() {
			if few.Float64() < few.chance {
				few.fill(value.Field(index), depth+3)
			}
		}
	default:
		return false
	}
	return true
}

// either fills one of a struct's fields.
func (f filler) either(value reflect.Value, depth int) {
	f.fill(value.Field(f.IntN(value.NumField())), depth)
}
