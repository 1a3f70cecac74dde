/** The words of the guided tour: six steps, each with something to see and something to discuss. */
import { messages } from '../../i18n/i18n.ts';

export const tourMessages = messages(
  'tour',
  {
    title: 'How a machine sees: a tour in six steps',
    keys: 'The arrow keys and the remote of a projector turn the pages, too.',
    print: 'Print as a handout',
    steps: 'Steps',
    stepOf: 'Step {{step}} of {{steps}}',
    back: 'Back',
    next: 'Next',
    nextStep: 'Next: {{title}}',
    finish: 'On to your own pictures',
    discuss: 'Discuss',
    preparing: 'Getting the picture ready…',
    another: 'Take another picture',
    choose: 'Choose a picture',
    drop: 'Let go to take this one',
    picture: 'The picture: {{name}}',
    notes: 'Notes',
    fewPixels: '{{count}} pixels in its middle, with their numbers',

    numbersName: 'Numbers',
    numbersTitle: 'A picture is numbers',
    numbersText:
      'Zoom in until the picture falls into squares: its pixels. Each is three numbers from 0 to 255, for red, green and blue. This picture is {{width}} × {{height}} pixels, so {{count}} numbers. The machine gets nothing else: no cat, no cup, only these.',
    numbersQuestion:
      'You know a friend even in a poor photograph. What would you have to calculate from these numbers to recognise them? And if they turn their head?',
    zoom: 'Zoom',
    zoomAll: 'All the way in',
    lensLabel: 'The pixels of the picture',
    lensHelp: 'Drag it, or move with the arrow keys.',
    middle: 'The pixel in the middle: red {{red}}, green {{green}}, blue {{blue}}',

    givenName: 'The square',
    givenTitle: 'It is given a small square',
    givenText:
      'The picture is shrunk, and the middle cut out: {{width}} × {{height}} pixels are left, {{share}} of the picture’s. The machine never sees the dark border.',
    givenWholeText:
      'The middle of the picture is cut out and brought to {{width}} × {{height}} pixels. The machine never sees the dark border.',
    givenUncutText:
      'The whole picture is brought to {{width}} × {{height}} pixels, whatever its size. The machine is given no more than these.',
    givenQuestion:
      'What was lost? Think of a picture in which the most important thing stands at the border. Would the answer be wrong, or the picture, or the rule?',

    answerName: 'Probabilities',
    answerTitle: 'It answers with probabilities',
    answerText:
      'The machine knows {{classes}} classes and spreads 100 % over them, always, also over what it has never seen. Show it nothing at all: it still answers. That is why Kaiyan says “not sure” when no class and no group is probable enough.',
    answerQuestion:
      'When would “not sure” be better than a wrong answer, and when worse? At the doctor’s? In a game? At a school’s door?',
    showIt: 'What it is shown',
    showPicture: 'The picture',
    showNoise: 'Snow',
    showGrey: 'Plain grey',

    heatName: 'Where',
    heatTitle: 'Where it looked',
    heatText:
      'The brighter a place, the more it speaks for the class that is chosen. Choose others: each class looks for something else.',
    heatQuestion:
      'Did it look where you would have looked? What if it finds ships by the water around them: is a right answer for the wrong reason right?',

    coverName: 'Fool it',
    coverTitle: 'Cover it, and it changes its mind',
    coverText:
      'Put the grey card on the picture and move it. Who finds the smallest card that changes the answer? And where may you cover a lot, and nothing happens?',
    coverQuestion:
      'You still know what it is; the machine does not. What do you have that it has not? Who could want to fool such a machine, and what for?',

    limitsName: 'Limits',
    limitsTitle: 'What it cannot do, and who is responsible',
    limitsText:
      'It knows the classes that people gave it, from photographs that people chose. It does not know what is right, what is going on, or what follows.',
    limitsQuestion:
      'A shop, a school, a city wants to use such a machine. Which three questions do you ask before? Who answers for it when it is wrong?',
    knows: 'Does it know …? Type a word',
    cannot: 'It cannot',
    cannot1: 'know who somebody is, or what they feel',
    cannot2: 'say “I have never seen this”: it can only be unsure',
    cannot3: 'tell a picture of a thing from the thing',
    cannot4: 'know the world outside its photographs: which houses, clothes and food are in them, people decided',
    people: 'People decide',
    people1: 'which classes there are, and what they are called',
    people2: 'which pictures it learns from, and which not',
    people3: 'how sure is sure enough',
    people4: 'what is done with the answer, and they answer for that',
  },
  {
    title: '机器怎么看：六步导览',
    keys: '也可以用方向键或翻页笔翻页。',
    print: '打印成讲义',
    steps: '步骤',
    stepOf: '第 {{step}} 步，共 {{steps}} 步',
    back: '上一步',
    next: '下一步',
    nextStep: '下一步：{{title}}',
    finish: '用自己的图片试试',
    discuss: '讨论',
    preparing: '正在准备图片…',
    another: '换一张图片',
    choose: '选择图片',
    drop: '松开即可换成这张',
    picture: '图片：{{name}}',
    notes: '笔记',
    fewPixels: '图片正中的 {{count}} 个像素和它们的数值',

    numbersName: '数字',
    numbersTitle: '图片就是数字',
    numbersText:
      '一直放大，图片就会变成一个个小方格，这就是像素。每个像素是三个 0 到 255 之间的数，分别表示红、绿、蓝。这张图片有 {{width}} × {{height}} 个像素，也就是 {{count}} 个数。机器拿到的只有这些数，没有“猫”，也没有“杯子”。',
    numbersQuestion: '照片再模糊，你也能认出自己的朋友。如果只有这些数，要怎么算才能认出来？他转过头去呢？',
    zoom: '放大',
    zoomAll: '放大到底',
    lensLabel: '图片的像素',
    lensHelp: '可以拖动，也可以用方向键移动。',
    middle: '正中的像素：红 {{red}}，绿 {{green}}，蓝 {{blue}}',

    givenName: '方块',
    givenTitle: '它只拿到一小块方形画面',
    givenText:
      '图片先被缩小，再裁出中间一块：只剩 {{width}} × {{height}} 个像素，是原图像素的 {{share}}。边上变暗的部分，机器根本看不到。',
    givenWholeText: '从图片中间裁出一块，变成 {{width}} × {{height}} 个像素。边上变暗的部分，机器根本看不到。',
    givenUncutText: '不管图片多大，都会整张变成 {{width}} × {{height}} 个像素，机器拿到的只有这些。',
    givenQuestion: '丢掉了什么？想象一张最重要的东西在边上的图片：如果认错了，错的是结果、图片，还是这条规则？',

    answerName: '概率',
    answerTitle: '它给出的是概率',
    answerText:
      '机器认识 {{classes}} 个类别，总是把 100% 分给它们，哪怕是从没见过的东西。什么都不给它看，它也照样给出结果。所以，当没有哪个类别或大类足够可信时，开眼会说“不确定”。',
    answerQuestion: '什么时候“不确定”比认错好，什么时候更糟？看病时？玩游戏时？在学校门口呢？',
    showIt: '给它看什么',
    showPicture: '这张图片',
    showNoise: '雪花点',
    showGrey: '一片灰',

    heatName: '位置',
    heatTitle: '它看了哪里',
    heatText: '越亮的地方，越支持所选的类别。换别的类别看看：每个类别找的东西都不一样。',
    heatQuestion: '它看的地方，和你会看的地方一样吗？如果它是靠周围的水认出船的，那么理由错了，结果还算对吗？',

    coverName: '骗它',
    coverTitle: '遮住一点，它就改变主意',
    coverText: '把灰色卡片放到图片上移动。谁能找到最小的一张卡片，让结果改变？又有哪些地方遮住一大片也没关系？',
    coverQuestion: '你还是知道那是什么，机器却不知道了。你有什么是它没有的？谁会想骗过这样的机器，为了什么？',

    limitsName: '局限',
    limitsTitle: '它做不到什么，谁来负责',
    limitsText:
      '它只认识人们给它的类别，这些类别来自人们挑选的照片。它不知道什么是对的，不知道正在发生什么，也不知道后果。',
    limitsQuestion: '如果商店、学校或城市想用这样的机器，你会先问哪三个问题？出了错，由谁负责？',
    knows: '它认识……吗？输入一个词',
    cannot: '它做不到',
    cannot1: '知道一个人是谁，或者他的心情',
    cannot2: '说出“这个我没见过”：它最多只能说“不确定”',
    cannot3: '分清一样东西和它的照片',
    cannot4: '了解照片以外的世界：照片里有哪些房子、衣服和食物，是人选的',
    people: '由人决定',
    people1: '有哪些类别，叫什么名字',
    people2: '它从哪些图片里学，不从哪些图片里学',
    people3: '多大的把握才算有把握',
    people4: '拿结果去做什么，并为此负责',
  },
);
