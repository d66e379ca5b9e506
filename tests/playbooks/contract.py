"""A whole playbook, whose spelling is a promise to those who have written theirs."""

A_DAY = """\
name: A day in the group
description: Greeting, new product, evening promo.
groups: {tags: [fashion]}        # default: all groups
timezone: group                  # or an IANA name
days: workdays CN                # daily by default
quiet_hours: "22:30-08:00"
steps:
  - id: morning
    at: "09:00"
    if_missed: skip
    do:
      - send:
          text: "早安，{{ group.title }}！今天是{{ today }}。发送「签到」领积分。"
          photo: media/morning.jpg
          buttons: [[{text: 签到, do: checkin}]]
  - id: new-product
    at: ["10:00", "16:00"]
    do:
      - send: {text_from: library/products.yaml, pick: next}
      - wait: 10m
      - poll: {question: 你会买吗？, options: [会, 再看看], anonymous: false}
  - id: promo
    at: "20:30"
    only_if: [{silent_for: 30m}, {promos_today: {under: 3}}]
    if_missed: {within: 30m}
    do:
      - send: {text: "今晚特惠……", promo: true, pin: true}
"""
