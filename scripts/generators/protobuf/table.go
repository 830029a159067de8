package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// table is what lib/protobuf/table.ts reads.
type table struct {
	// Kinds by group and version, each with the place of its message.
	Kinds map[string]map[string]int `json:"kinds"`
	// Messages, each with its fields in the order of the Go struct, one word a field:
	// number, mark of how often, mark of when it is left out, type, ":", name in JSON.
	//   how often:  . one   [ list   { map with text as keys   * pointer   > inlined struct
	//   left out:   ? when empty   ! when null (Go's omitempty, and omitzero of a time)
	//   type:       s text  y bytes  b boolean  i int32  l int64  d double, or the place of a message
	// A message that JSON does not write as an object has "=" and its name as its first word.
	Messages []string `json:"messages"`
}

// Messages whose form in JSON is their own, by Go type, with their fields on the wire.
var written = map[reflect.Type]string{
	reflect.TypeFor[resource.Quantity]():         "=quantity 1.s:string",
	reflect.TypeFor[metav1.Time]():               "=time 1.l:seconds 2.i:nanos",
	reflect.TypeFor[metav1.MicroTime]():          "=microTime 1.l:seconds 2.i:nanos",
	reflect.TypeFor[metav1.FieldsV1]():           "=json 1.y:raw",
	reflect.TypeFor[runtime.RawExtension]():      "=json 1.y:raw",
	reflect.TypeFor[intstr.IntOrString]():        "=intOrString 1.l:type 2.i:intVal 3.s:strVal",
	reflect.TypeFor[apiextensionsv1.JSON]():      "=json 1.y:raw",
	reflect.TypeFor[apiextensionsv1beta1.JSON](): "=json 1.y:raw",
}

// Messages of one and of the other, by Go type; the types of their fields are asked of Go.
var alternatives = map[reflect.Type]string{
	reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrArray]():            "=schemaOrList",
	reflect.TypeFor[apiextensionsv1beta1.JSONSchemaPropsOrArray]():       "=schemaOrList",
	reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrBool]():             "=schemaOrBoolean",
	reflect.TypeFor[apiextensionsv1beta1.JSONSchemaPropsOrBool]():        "=schemaOrBoolean",
	reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrStringArray]():      "=schemaOrTexts",
	reflect.TypeFor[apiextensionsv1beta1.JSONSchemaPropsOrStringArray](): "=schemaOrTexts",
}

type builder struct {
	table  table
	places map[reflect.Type]int
}

func makeTable(kinds []bodyKind) table {
	b := builder{table{map[string]map[string]int{}, nil}, map[reflect.Type]int{}}
	for _, kind := range kinds {
		groupVersion := kind.GroupVersion().String()
		if b.table.Kinds[groupVersion] == nil {
			b.table.Kinds[groupVersion] = map[string]int{}
		}
		b.table.Kinds[groupVersion][kind.Kind] = b.message(kind.goType)
	}
	return b.table
}

// message gives the place of a type's message, which is added where it is new.
func (b *builder) message(goType reflect.Type) int {
	if place, ok := b.places[goType]; ok {
		return place
	}
	place := len(b.table.Messages)
	b.places[goType] = place
	b.table.Messages = append(b.table.Messages, "")
	b.table.Messages[place] = b.words(goType)
	return place
}

func (b *builder) words(goType reflect.Type) string {
	if words, ok := written[goType]; ok {
		return words
	}
	var words []string
	if name, ok := alternatives[goType]; ok {
		words = append(words, name)
	} else if goType.Kind() == reflect.Slice {
		// A list that is a type of its own is a message with the items in its first field.
		return "=items 1[" + b.value(goType.Elem()) + ":items"
	} else if goType.Kind() != reflect.Struct || writesItself(goType) {
		panic(fmt.Sprintf("%v: how does JSON write it?", goType))
	}
	for index := range goType.NumField() {
		if word := b.field(goType.Field(index)); word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// field gives the word of one field; "" for one that is not on the wire.
func (b *builder) field(field reflect.StructField) string {
	name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
	tag := field.Tag.Get("protobuf")
	if tag == "" && field.Anonymous && field.Type == reflect.TypeFor[metav1.TypeMeta]() {
		return ""
	}
	parts := strings.Split(tag, ",")
	if len(parts) < 2 || name == "-" || strings.Contains(options, "string") {
		panic(fmt.Sprintf("%v: how is it on the wire?", field))
	}
	number, err := strconv.Atoi(parts[1])
	if err != nil {
		panic(err)
	}
	mark, goType := ".", field.Type
	switch {
	case field.Anonymous && name == "":
		mark = ">"
	case isMessage(goType):
	case goType.Kind() == reflect.Pointer:
		mark, goType = "*", goType.Elem()
	case goType.Kind() == reflect.Slice && goType.Elem().Kind() != reflect.Uint8:
		mark, goType = "[", goType.Elem()
	case goType.Kind() == reflect.Map && goType.Key().Kind() == reflect.String:
		mark, goType = "{", goType.Elem()
	}
	for _, option := range strings.Split(options, ",") {
		mark += map[string]string{"omitempty": "?", "omitzero": "!"}[option]
	}
	if name == "" {
		name = field.Name
	}
	return fmt.Sprintf("%d%s%s:%s", number, mark, b.value(goType), name)
}

// value gives the type of a value.
func (b *builder) value(goType reflect.Type) string {
	if isMessage(goType) {
		return strconv.Itoa(b.message(goType))
	}
	switch goType.Kind() {
	case reflect.String:
		return "s"
	case reflect.Bool:
		return "b"
	case reflect.Int32:
		return "i"
	case reflect.Int64:
		return "l"
	case reflect.Float64:
		return "d"
	case reflect.Slice:
		if goType.Elem().Kind() == reflect.Uint8 {
			return "y"
		}
	}
	panic(fmt.Sprintf("%v: what is it on the wire?", goType))
}

// isMessage says whether a type is a message on the wire: a struct, or a list with a name of its own.
func isMessage(goType reflect.Type) bool {
	_, ok := reflect.New(goType).Interface().(interface{ Unmarshal([]byte) error })
	return ok
}

func writesItself(goType reflect.Type) bool {
	_, ok := reflect.New(goType).Interface().(json.Marshaler)
	return ok
}
